package portal

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"
)

// Every word of the page stands in texts/LANGUAGE.json, flat, by key. A language is added by adding its file: it needs
// every key of en.json, which a test holds. {provider} and {company} stand for their names.
//
//go:embed texts/*.json
var textFiles embed.FS

// fallback is the language of who asks for none that we have.
const fallback = "en"

// texts are all words by language and key.
type texts map[string]map[string]string

func loadTexts() (texts, error) {
	files, err := textFiles.ReadDir("texts")
	if err != nil {
		return nil, err
	}
	all := texts{}
	for _, f := range files {
		data, err := textFiles.ReadFile(path.Join("texts", f.Name()))
		if err != nil {
			return nil, err
		}
		words := map[string]string{}
		if err := json.Unmarshal(data, &words); err != nil {
			return nil, fmt.Errorf("texts/%s: %w", f.Name(), err)
		}
		all[strings.TrimSuffix(f.Name(), ".json")] = words
	}
	return all, nil
}

// language picks the first language of the browser's list that we have. The list stands in the order of preference in
// every browser, so its weights are not needed.
func (t texts) language(r *http.Request) string {
	for _, wish := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(wish), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if _, ok := t[primary]; ok {
			return primary
		}
	}
	return fallback
}

// text is a text of a language, of the fallback where that lacks it, and empty where both do.
func (t texts) text(language, key string) string {
	if s, ok := t[language][key]; ok {
		return s
	}
	return t[fallback][key]
}
