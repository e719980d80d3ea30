package upgrade

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// MaxInput bounds every JSON input from outside, in bytes.
const MaxInput = 1 << 20

// MaxMessage bounds a signal's and an update's input, which are two texts of a thousand characters at most. A workflow reads
// all that have come in one go, and must not be kept busy by them: Temporal then takes it for stuck, and would let it read
// the same again.
const MaxMessage = 64 << 10

// maxDepth bounds the nesting, and maxName a field's name, in bytes: places are told as paths of names, so that a long name
// around much else would be written once for each of it.
const (
	maxDepth = 16
	maxName  = 100
)

// DecodeStrict reads one JSON object into v: unknown fields, duplicate keys, deep nesting, trailing bytes and
// oversized input are problems, each with its place. Nothing is read leniently, since a field that is silently
// dropped is an order that is silently another. Where only fields are unknown or of the wrong type, the others are in v,
// so that more can be said about them.
func DecodeStrict(data []byte, v any) Problems { return decodeStrict(data, v, MaxInput) }

// DecodeMessage is DecodeStrict for what one workflow says to another, which is no longer than a signal or an update may be.
func DecodeMessage(data []byte, v any) Problems { return decodeStrict(data, v, MaxMessage) }

func decodeStrict(data []byte, v any, most int) Problems {
	var ps Problems
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch {
	case len(data) > most:
		ps.Add("", "too_large", fmt.Sprintf("the input has %d bytes; at most %d are read", len(data), most), "send less")
		return ps
	case !utf8.Valid(data):
		// encoding/json would put another character in the place of what it cannot read, and another order in that of this one.
		ps.Add("", "not_utf8", "the input is not UTF-8 text", "send JSON in UTF-8")
		return ps
	case len(bytes.TrimSpace(data)) == 0:
		ps.Add("", "empty", "there is no input", "send a JSON object")
		return ps
	}
	if ps = checkTokens(data); len(ps) > 0 {
		return ps
	}
	ps, rest := checkShape(data, v)
	if err := json.Unmarshal(rest, v); err != nil && len(ps) == 0 {
		return decodeProblem(err)
	}
	return ps
}

func decodeProblem(err error) Problems {
	var ps Problems
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		ps.Add("", "malformed_json", fmt.Sprintf("malformed JSON at byte %d: %v", syntax.Offset, err), "send one JSON object")
	case errors.As(err, &kind):
		ps.Add(kind.Field, "wrong_type", fmt.Sprintf("%s stands where %s is expected", kind.Value, kind.Type), "see the order's description in the README")
	default:
		ps.Add("", "malformed_json", err.Error(), "send one JSON object")
	}
	return ps
}

// checkTokens walks the tokens once for what encoding/json lets pass: duplicate keys, depth, trailing data.
func checkTokens(data []byte) Problems {
	var ps Problems
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	first, err := dec.Token()
	if err != nil {
		return decodeProblem(err)
	}
	if first != json.Delim('{') {
		ps.Add("", "not_an_object", "the input is not a JSON object", "send one JSON object")
		return ps
	}
	switch err := walkObject(dec, "", 1, &ps); {
	case errors.Is(err, errStop):
		ps.more()
		return ps
	case err != nil:
		return append(ps, decodeProblem(err)...)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		ps.Add("", "trailing_data", "something follows the JSON object", "send exactly one JSON object")
	}
	return ps
}

// errStop ends the walk where the problem is told already.
var errStop = errors.New("stop")

func walkObject(dec *json.Decoder, path string, depth int, ps *Problems) error {
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if len(key) > maxName {
			ps.Add(path, "unknown_field", fmt.Sprintf("there is no field whose name has %d bytes", len(key)), "remove it, or correct its name")
			return errStop
		}
		at := key
		if path != "" {
			at = path + "." + key
		}
		// encoding/json matches field names without regard to case, so duplicates are compared that way too.
		if folded := fold(key); seen[folded] {
			ps.Add(at, "duplicate_field", "the field stands twice", "keep one of them")
		} else {
			seen[folded] = true
		}
		if err := walkValue(dec, at, depth, ps); err != nil {
			return err
		}
		if ps.full() {
			return errStop
		}
	}
	_, err := dec.Token()
	return err
}

func walkValue(dec *json.Decoder, path string, depth int, ps *Problems) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	d, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth >= maxDepth {
		ps.Add(path, "too_deep", fmt.Sprintf("the input is nested deeper than %d levels", maxDepth), "send what the README describes")
		return errStop
	}
	if d == '{' {
		return walkObject(dec, path, depth+1, ps)
	}
	for i := 0; dec.More(); i++ {
		if err := walkValue(dec, fmt.Sprintf("%s[%d]", path, i), depth+1, ps); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}
