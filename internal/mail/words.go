package mail

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

//go:embed words/*.txt
var wordFiles embed.FS

// fallback is the language that has every sentence.
const fallback = "en"

// vocabulary is the sentences of all languages: language → key → text.
type vocabulary map[string]map[string]string

// loadWords reads the embedded files, one for each language, named by its tag.
func loadWords(files fs.FS) (vocabulary, error) {
	names, err := fs.Glob(files, "words/*.txt")
	if err != nil {
		return nil, err
	}
	all := vocabulary{}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		language := strings.TrimSuffix(strings.TrimPrefix(name, "words/"), ".txt")
		if all[language], err = parseWords(string(data)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if all[fallback] == nil {
		return nil, fmt.Errorf("words/%s.txt is missing", fallback)
	}
	return all, nil
}

func parseWords(data string) (map[string]string, error) {
	list := map[string]string{}
	for i, line := range strings.Split(data, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, found := strings.Cut(line, " = ")
		if _, twice := list[key]; !found || twice {
			return nil, fmt.Errorf("line %d is no \"key = text\", or says a key twice", i+1)
		}
		list[key] = value
	}
	return list, nil
}

// words speaks one language, and English where that lacks a sentence.
type words struct {
	language string
	own      map[string]string
	english  map[string]string
}

// in finds the best language for a BCP 47 tag: de-AT, then de, then English.
func (v vocabulary) in(tag string) words {
	w := words{language: fallback, own: v[fallback], english: v[fallback]}
	for tag = strings.ToLower(tag); tag != ""; {
		if own, ok := v[tag]; ok {
			w.language, w.own = tag, own
			break
		}
		cut := max(strings.LastIndexByte(tag, '-'), 0)
		tag = tag[:cut]
	}
	return w
}

// say fills in a sentence. Pairs are a name and its value; what is filled in is not read again, so a value may hold braces.
func (w words) say(key string, pairs ...string) string {
	text, ok := w.own[key]
	if !ok {
		text = w.english[key]
	}
	if len(pairs) == 0 {
		return text
	}
	old := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		old = append(old, "{"+pairs[i]+"}", pairs[i+1])
	}
	return strings.NewReplacer(old...).Replace(text)
}

// count chooses between .one and .other.
func (w words) count(key string, n int, pairs ...string) string {
	form := ".other"
	if n == 1 {
		form = ".one"
	}
	return w.say(key+form, append(pairs, "count", strconv.Itoa(n))...)
}

// day writes a date, of a renewal, whose hour nobody promises.
func (w words) day(t time.Time) string {
	t = t.UTC()
	return w.say("date", "day", strconv.Itoa(t.Day()), "month", w.month(t), "year", strconv.Itoa(t.Year()))
}

func (w words) month(t time.Time) string {
	months := strings.Split(w.say("months"), ",")
	return months[(int(t.Month())-1)%len(months)]
}

// at writes a time, in UTC since we do not know where the reader is.
func (w words) at(t time.Time) string {
	t = t.UTC()
	return w.say("time", "day", strconv.Itoa(t.Day()), "month", w.month(t),
		"year", strconv.Itoa(t.Year()), "clock", t.Format("15:04"))
}
