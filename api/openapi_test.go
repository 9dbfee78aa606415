package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"congvan/api"
	"congvan/archive"
	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/exchange/handover"
	"congvan/exchange/remind"
	"congvan/exchange/roll"
)

type operation struct {
	OperationID string                `json:"operationId"`
	Summary     string                `json:"summary"`
	Tags        []string              `json:"tags"`
	Security    []map[string][]string `json:"security"`
	Parameters  []parameter           `json:"parameters"`
	RequestBody *content              `json:"requestBody"`
	Responses   map[string]content    `json:"responses"`
}

type parameter struct {
	Name     string `json:"name"`
	In       string `json:"in"`
	Required bool   `json:"required"`
}

type content struct {
	Description string               `json:"description"`
	Content     map[string]mediaType `json:"content"`
}

type mediaType struct {
	Schema map[string]any `json:"schema"`
}

type openAPI struct {
	OpenAPI string `json:"openapi"`
	Info    struct {
		Title   string `json:"title"`
		Version string `json:"version"`
	} `json:"info"`
	Servers []struct {
		URL string `json:"url"`
	} `json:"servers"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas         map[string]map[string]any `json:"schemas"`
		SecuritySchemes map[string]map[string]any `json:"securitySchemes"`
	} `json:"components"`
}

func description(t *testing.T) (*httptest.Server, []byte) {
	t.Helper()
	server := httptest.NewServer(api.New(api.Config{
		Gateway: &exchange.Gateway{}, Archive: &archive.Keeper{}, Reports: &api.Reporter{}, Version: "1.2.3",
		Notary: &evidence.Notary{}, Reminder: &remind.Reminder{}, Roll: &roll.Roll{},
		Log: discard(), Now: now, Desk: &handover.Desk{},
		Import: certstest.Fetcher(t, certs.Anchors{}, time.Now).Import,
	}).Handler())
	t.Cleanup(server.Close)
	response, body := ask(t, newRequest(t, http.MethodGet, server.URL+"/api/v1/openapi.json", "", nil))
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/openapi+json" {
		t.Fatalf("%d %s", response.StatusCode, response.Header.Get("Content-Type"))
	}
	return server, body
}

func TestTheOpenAPIDocumentIsWhole(t *testing.T) {
	t.Parallel()
	_, body := description(t)
	var document openAPI
	must(t, json.Unmarshal(body, &document))
	if !strings.HasPrefix(document.OpenAPI, "3.1") || document.Info.Version != "1.2.3" || document.Info.Title == "" ||
		len(document.Servers) != 1 || document.Servers[0].URL != "/api/v1" {
		t.Errorf("head %+v", document.Info)
	}
	if document.Components.SecuritySchemes["token"]["scheme"] != "bearer" {
		t.Errorf("security %+v", document.Components.SecuritySchemes)
	}
	seen := map[string]string{}
	for path, methods := range document.Paths {
		for method, operation := range methods {
			where := strings.ToUpper(method) + " " + path
			if other, double := seen[operation.OperationID]; double || operation.OperationID == "" {
				t.Errorf("%s: operationId %q, also of %s", where, operation.OperationID, other)
			}
			seen[operation.OperationID] = where
			checkOperation(t, where, path, operation)
		}
	}
	open := 0
	for _, row := range matrix {
		if row.roles == "everybody" {
			open++
		}
	}
	if len(seen) != len(matrix)-open {
		t.Errorf("%d operations, the matrix has %d that need a token", len(seen), len(matrix)-open)
	}
	checkReferences(t, body, document)
}

func checkOperation(t *testing.T, where, path string, operation operation) {
	t.Helper()
	if operation.Summary == "" || len(operation.Tags) != 1 || len(operation.Security) != 1 {
		t.Errorf("%s: summary %q, tags %v, security %v", where, operation.Summary, operation.Tags, operation.Security)
	}
	good := 0
	for status, response := range operation.Responses {
		if response.Description == "" {
			t.Errorf("%s: %s has no description", where, status)
		}
		if status[0] == '2' {
			good++
			if status != "204" && len(response.Content) == 0 {
				t.Errorf("%s: %s has no content", where, status)
			}
			continue
		}
		if schema := response.Content["application/problem+json"].Schema; schema["$ref"] != "#/components/schemas/Problem" {
			t.Errorf("%s: %s is no problem document: %v", where, status, response.Content)
		}
	}
	for _, status := range []string{"400", "401", "403", "429", "500", "503"} {
		if _, told := operation.Responses[status]; !told {
			t.Errorf("%s: %s is not told", where, status)
		}
	}
	if good == 0 {
		t.Errorf("%s: no good answer", where)
	}
	for segment := range strings.SplitSeq(path, "/") {
		name, isParameter := strings.CutPrefix(strings.TrimSuffix(segment, "}"), "{")
		described := slices.ContainsFunc(operation.Parameters, func(p parameter) bool {
			return p.Name == name && p.In == "path" && p.Required
		})
		if isParameter && !described {
			t.Errorf("%s: parameter %s is not described", where, name)
		}
	}
}

// checkReferences wants every schema that is referred to, and none that nobody refers to.
func checkReferences(t *testing.T, body []byte, document openAPI) {
	t.Helper()
	const prefix = `"#/components/schemas/`
	used := map[string]bool{}
	for rest := string(body); ; {
		_, after, found := strings.Cut(rest, prefix)
		if !found {
			break
		}
		name, _, _ := strings.Cut(after, `"`)
		used[name], rest = true, after
		if document.Components.Schemas[name] == nil {
			t.Errorf("schema %s is referred to and not there", name)
		}
	}
	for name, schema := range document.Components.Schemas {
		if !used[name] {
			t.Errorf("schema %s is there and not referred to", name)
		}
		if schema["type"] == nil {
			t.Errorf("schema %s has no type", name)
		}
	}
}

func TestFormsAndFilesAreDescribed(t *testing.T) {
	t.Parallel()
	_, body := description(t)
	var document openAPI
	must(t, json.Unmarshal(body, &document))
	submit := document.Paths["/documents"]["post"]
	if submit.RequestBody == nil || submit.RequestBody.Content["multipart/form-data"].Schema["properties"] == nil {
		t.Errorf("submit %+v", submit.RequestBody)
	}
	verify := document.Paths["/verify"]["post"]
	if verify.RequestBody == nil || len(verify.RequestBody.Content) != 3 {
		t.Errorf("verify %+v", verify.RequestBody)
	}
	content := document.Paths["/documents/{id}/content"]["get"]
	if content.Responses["206"].Content["application/octet-stream"].Schema["format"] != "binary" {
		t.Errorf("content %+v", content.Responses["206"])
	}
	if draft := document.Components.Schemas["Draft"]; draft["properties"] == nil {
		t.Errorf("draft %+v", draft)
	}
}

func TestYAMLSaysTheSameAsJSON(t *testing.T) {
	t.Parallel()
	server, body := description(t)
	response, text := ask(t, newRequest(t, http.MethodGet, server.URL+"/api/v1/openapi.yaml", "", nil))
	if response.StatusCode != http.StatusOK {
		t.Fatal(response.StatusCode)
	}
	var fromJSON, fromYAML openAPI
	must(t, json.Unmarshal(body, &fromJSON))
	converted, err := yaml.YAMLToJSON(text)
	must(t, err)
	must(t, json.Unmarshal(converted, &fromYAML))
	if len(fromYAML.Paths) != len(fromJSON.Paths) || len(fromYAML.Components.Schemas) != len(fromJSON.Components.Schemas) {
		t.Errorf("%d paths and %d", len(fromYAML.Paths), len(fromJSON.Paths))
	}
	if strings.Contains(string(text), "unpkg") || strings.Contains(string(body), "$schema") {
		t.Error("the document points elsewhere")
	}
}
