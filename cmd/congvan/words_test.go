package main

import (
	"testing"

	"github.com/alecthomas/kong"

	"congvan/api"
)

func TestEveryCommandAndFlagIsExplainedInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, lang := range []api.Lang{api.Vietnamese, api.English} {
		say := speech{lang}
		sentences := map[string]bool{"Show context-sensitive help.": true} // kong's own
		for key := range words {
			sentences[say.word(key)] = true
		}
		parser, err := kong.New(&cli{}, kong.Vars{"lang": string(lang)}, kong.PostBuild(say.help))
		if err != nil {
			t.Fatal(err)
		}
		explained := 0
		err = kong.Visit(parser.Model.Node, func(part kong.Visitable, next kong.Next) error {
			name, help, hidden := "", "", false
			switch part := part.(type) {
			case *kong.Node:
				name, help, hidden = part.Path(), part.Help, part.Hidden || part.Parent == nil
				if part.Hidden {
					return nil
				}
			case *kong.Value:
				name, help = part.Summary(), part.Help
			default:
				return next(nil)
			}
			if !hidden {
				explained++
				if !sentences[help] {
					t.Errorf("%s %s: %q are no words of ours", lang, name, help)
				}
			}
			return next(nil)
		})
		if err != nil || explained < 100 {
			t.Errorf("%s: %d are explained: %v", lang, explained, err)
		}
	}
}

func TestAHelpWordThatIsNotThereIsFound(t *testing.T) {
	t.Parallel()
	var line struct {
		Lost string `help:"${help_of_nothing}"`
	}
	if _, err := kong.New(&line, kong.PostBuild(speech{api.English}.help)); err == nil {
		t.Error("a flag is explained by nothing")
	}
}
