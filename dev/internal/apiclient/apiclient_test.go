package apiclient

import (
	"bytes"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/util"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"uplift/internal/portal/api"
	"uplift/internal/portal/desk"
)

var update = flag.Bool("update", false, "generate the client anew")

// served is a document as the API serves it.
func served(t *testing.T, path string) []byte {
	t.Helper()
	for _, r := range api.Routes(api.Options{Desk: &desk.Desk{}}) {
		if r.Pattern != "GET "+path {
			continue
		}
		w := httptest.NewRecorder()
		r.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/openapi+") {
			t.Fatalf("%s: %d %v", path, w.Code, w.Header())
		}
		return w.Body.Bytes()
	}
	t.Fatalf("%s is not served", path)
	return nil
}

// TestDocumentIsValid has two readers of OpenAPI read all forms of the document, and none has anything to say.
func TestDocumentIsValid(t *testing.T) {
	for _, path := range []string{"/v1/openapi.json", "/v1/openapi.yaml", "/v1/openapi-3.0.json"} {
		data := served(t, path)
		document, err := libopenapi.NewDocument(data)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if _, err := document.BuildV3Model(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		v, errs := validator.NewValidator(document)
		if len(errs) > 0 {
			t.Fatalf("%s: %v", path, errs)
		}
		valid, problems := v.ValidateDocument()
		for _, p := range problems {
			t.Errorf("%s: %s: %s", path, p.Message, p.Reason)
			for _, one := range p.SchemaValidationErrors {
				t.Errorf("  %+v", one)
			}
		}
		if !valid {
			t.Errorf("%s is not valid", path)
		}
		loader := openapi3.NewLoader()
		spec, err := loader.LoadFromData(data)
		if err == nil && strings.Contains(path, "3.0") {
			err = spec.Validate(loader.Context)
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestClientIsTheDocuments: generating the client from the served document gives the client that is here.
func TestClientIsTheDocuments(t *testing.T) {
	file := t.TempDir() + "/openapi.json"
	if err := os.WriteFile(file, served(t, "/v1/openapi.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	spec, err := util.LoadSwagger(file)
	if err != nil {
		t.Fatal(err)
	}
	code, err := codegen.Generate(spec, codegen.Configuration{
		PackageName: "apiclient", Generate: codegen.GenerateOptions{Models: true, Client: true},
		OutputOptions: codegen.OutputOptions{SkipPrune: true}, // what only callbacks speak of, too
	}.UpdateDefaults())
	if err != nil {
		t.Fatal(err)
	}
	const name = "client.gen.go"
	if *update {
		if err := os.WriteFile(name, []byte(code), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	here, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(here, []byte(code)) {
		t.Error("the API has changed, and the client has not: go test ./internal/apiclient -update")
	}
}
