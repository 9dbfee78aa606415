package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"congvan/api"
	"congvan/exchange"
)

// reportCommand has the reports of an office.
type reportCommand struct {
	OnTime onTimeCommand `cmd:"" name:"on-time" help:"${help_report_on_time}"`
}

// onTimeCommand prints who was early, on time and late in a period.
type onTimeCommand struct {
	gatewayFlags
	From  exchange.Date `required:"" help:"${help_report_from}"`
	To    exchange.Date `required:"" help:"${help_report_to}"`
	Areas exchange.Date `help:"${help_report_areas}"`
	JSON  bool          `name:"json" xor:"form" help:"${help_json}"`
	CSV   bool          `name:"csv" xor:"form" help:"${help_report_csv}"`
}

// Run asks the gateway and prints its answer.
func (c onTimeCommand) Run(ctx context.Context, p program) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	report, err := client.ReportOnTime(ctx, c.From, c.To, c.Areas)
	switch {
	case err != nil:
		return err
	case c.JSON:
		return printJSON(p.out, report)
	case c.CSV:
		return c.printCSV(p, report)
	}
	return c.print(p, report)
}

// printCSV prints one line for each number, so that every table program can take it.
func (onTimeCommand) printCSV(p program, report api.OnTimeReport) error {
	lines := [][]string{{"part", "key", "office", "measure", "value"}}
	add := func(part, key, office, measure string, value int64) {
		lines = append(lines, []string{part, key, office, measure, strconv.FormatInt(value, 10)})
	}
	add("total", "", "", "submitted", int64(report.Submitted))
	add("total", "", "", "issued", int64(report.Issued))
	add("total", "", "", "arrived", int64(report.Arrived))
	add("total", "", "", "decided", int64(report.Decided))
	add("total", "", "", "refused", int64(report.Refused))
	for _, count := range report.Duties {
		for _, one := range dutyNumbers(count) {
			add("duty", string(count.Duty), "", one.name, int64(one.value))
		}
	}
	for _, hop := range report.Hops {
		key := string(hop.Leg) + "/" + string(hop.Stage)
		add("hop", key, "", "count", int64(hop.Count))
		add("hop", key, "", "median_seconds", hop.MedianSeconds)
		add("hop", key, "", "p90_seconds", hop.P90Seconds)
	}
	addOffices(add, "office", report.Offices)
	addOffices(add, "area", report.Areas)
	for _, reason := range report.Reasons {
		add("refusal", reason.Reason, "", "count", int64(reason.Count))
	}
	return csv.NewWriter(p.out).WriteAll(lines)
}

func addOffices(add func(part, key, office, measure string, value int64), part string, offices []api.OfficeCount) {
	for _, office := range offices {
		key := string(office.Office.Office)
		add(part, key, office.Office.Name, "sent", int64(office.Sent))
		add(part, key, office.Office.Name, "in_time", int64(office.InTime))
		add(part, key, office.Office.Name, "late", int64(office.Late))
		add(part, key, office.Office.Name, "unanswered", int64(office.Unanswered))
	}
}

type number struct {
	name  string
	value int
}

func dutyNumbers(count api.DutyCount) []number {
	return []number{
		{"early", count.Early},
		{"on_time", count.OnTime},
		{"late", count.Late},
		{"running", count.Running},
		{"unknown", count.Unknown},
	}
}

// print prints a table for people.
func (onTimeCommand) print(p program, report api.OnTimeReport) error {
	lang := p.say.lang
	fmt.Fprintf(p.out, "%s · %s – %s\n", report.Office.Name, report.From, report.To)
	for _, count := range report.Duties {
		fmt.Fprint(p.out, count.Name)
		if count.Share != nil {
			fmt.Fprintf(p.out, ": %.1f %%", 100**count.Share)
		}
		for _, one := range dutyNumbers(count) {
			if one.value > 0 {
				fmt.Fprintf(p.out, " · %s %d", api.DeadlineLabel("outcome", one.name, lang), one.value)
			}
		}
		fmt.Fprintln(p.out)
		if count.Alarm {
			fmt.Fprintln(p.out, "  "+api.Sentence("report.alarm", lang))
		}
	}
	for _, hop := range report.Hops {
		fmt.Fprintf(p.out, "%s · %s: %d · p50 %s · p90 %s\n", hop.LegName, hop.Name, hop.Count,
			api.Lasted(seconds(hop.MedianSeconds), lang), api.Lasted(seconds(hop.P90Seconds), lang))
	}
	printAreas(p, report)
	for _, year := range report.UnknownYears {
		fmt.Fprintf(p.out, "%d: %s\n", year, api.Sentence("report.unknown_year", lang))
	}
	_, err := fmt.Fprintln(p.out, report.Formula)
	return err
}

func printAreas(p program, report api.OnTimeReport) {
	if len(report.Areas) > 0 {
		fmt.Fprintf(p.out, "%s %s\n", p.say.word("report_areas"), report.AreasOn)
	}
	for _, area := range report.Areas {
		fmt.Fprintf(p.out, "- %s: ", cmp.Or(area.Office.Name, p.say.word("report_no_area")))
		fmt.Fprintf(p.out, p.say.word("report_area")+"\n", area.Sent, area.Arrived, area.InTime, area.Late)
	}
}

func seconds(count int64) time.Duration { return time.Duration(count) * time.Second }
