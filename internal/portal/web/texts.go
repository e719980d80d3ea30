package web

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Fallback is the language of who asks for none that we have.
const Fallback = "en"

// Texts are all words by language and key. They stand in files LANGUAGE.json, flat. A language is added by adding its file: it
// needs every key of en.json, which each catalogue's test holds.
type Texts map[string]map[string]string

// LoadTexts reads the catalogue in a folder.
func LoadTexts(files fs.ReadDirFS, folder string) (Texts, error) {
	entries, err := files.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	all := Texts{}
	for _, f := range entries {
		data, err := fs.ReadFile(files, path.Join(folder, f.Name()))
		if err != nil {
			return nil, err
		}
		words := map[string]string{}
		if err := json.Unmarshal(data, &words); err != nil {
			return nil, fmt.Errorf("%s/%s: %w", folder, f.Name(), err)
		}
		all[strings.TrimSuffix(f.Name(), ".json")] = words
	}
	return all, nil
}

// Language picks the first language of the browser's list that we have. The list stands in the order of preference in
// every browser, so its weights are not needed.
func (t Texts) Language(r *http.Request) string {
	for _, wish := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(wish), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if _, ok := t[primary]; ok {
			return primary
		}
	}
	return Fallback
}

// Text is a text of a language, of the fallback where that lacks it, and empty where both do.
func (t Texts) Text(language, key string) string {
	if s, ok := t[language][key]; ok {
		return s
	}
	return t[Fallback][key]
}
