package upgrade

import (
	"slices"
	"strings"
	"testing"
)

func TestUserLists(t *testing.T) {
	for name, c := range map[string]struct{ in, users, code string }{
		"plain":             {"Ana@a.example\nben@a.example\n", "ana@a.example ben@a.example", ""},
		"object ids":        {"11111111-1111-1111-1111-111111111111\r\n", "11111111-1111-1111-1111-111111111111", ""},
		"heading":           {"Display name,User principal name,Licenses\n\"Ana, A.\",ana@a.example,x\n", "ana@a.example", ""},
		"byte order mark":   {"\ufeffuserPrincipalName\nana@a.example\n", "ana@a.example", ""},
		"empty lines":       {"ana@a.example\n\n  \n# a remark\nben@a.example", "ana@a.example ben@a.example", ""},
		"upn before id":     {"id,userPrincipalName\n1,ana@a.example\n", "ana@a.example", ""},
		"no user":           {"ana\n", "", "bad_user"},
		"column missing":    {"name,upn\nana\n", "", "bad_user"},
		"twice":             {"ana@a.example\nANA@a.example\n", "", "duplicate_user"},
		"nothing":           {"", "", "empty_list"},
		"a heading only":    {"upn\n", "", "empty_list"},
		"a broken quote":    {"\"ana@a.example\n", "", "bad_csv"},
		"semicolons":        {"name;upn\nana;ana@a.example\n", "", "bad_user"},
		"a formula is none": {"=cmd|' /C calc'!A0\n", "", "bad_user"},
	} {
		users, problems := ParseUserList(strings.NewReader(c.in))
		if got := strings.Join(users, " "); got != c.users {
			t.Errorf("%s: %q, where %q is expected", name, got, c.users)
		}
		if got := len(problems) == 0; got != (c.code == "") || c.code != "" && !problems.Has(c.code) {
			t.Errorf("%s: %v, where %q is expected", name, problems, c.code)
		}
	}
}

func TestUserListBounds(t *testing.T) {
	_, problems := ParseUserList(strings.NewReader(strings.Repeat("nobody\n", 1000)))
	if len(problems) != maxProblems {
		t.Errorf("%d problems are told", len(problems))
	}
}

// endless is a list without an end, of lines that are fine.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	const line = "# a remark, and no user at all\n"
	n := copy(p, line[e.read%len(line):])
	e.read += n
	return n, nil
}

// TestUserListHasAnEnd: a list that is too large is refused, never read in part.
func TestUserListHasAnEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 64 MiB")
	}
	source := &endless{}
	users, problems := ParseUserList(source)
	if len(users) > 0 || !problems.Has("too_large") || source.read > MaxUserList+1<<20 {
		t.Errorf("%d users, %v, after %d bytes", len(users), problems, source.read)
	}
	long := strings.Repeat("x", 1<<20)
	for name, in := range map[string]string{"a long line": long, "a quote that does not end": `"` + long, "many columns": "upn" + strings.Repeat(",", 1<<20) + "\n"} {
		if users, problems := ParseUserList(strings.NewReader(in)); len(users) > 0 || len(problems) == 0 || len(problems.Error()) > 8<<10 {
			t.Errorf("%s: %d users, %d bytes of problems", name, len(users), len(problems.Error()))
		}
	}
}

// FuzzUserList: a list is read or refused, and what was read reads the same again.
func FuzzUserList(f *testing.F) {
	f.Add("userPrincipalName\nana@a.example\n")
	f.Add("\"a\",b\n,ben@a.example")
	f.Fuzz(func(t *testing.T, in string) {
		users, problems := ParseUserList(strings.NewReader(in))
		if (len(users) == 0) == (len(problems) == 0) {
			t.Fatalf("%d users and %v", len(users), problems)
		}
		again, more := ParseUserList(strings.NewReader(strings.Join(users, "\n")))
		if len(users) > 0 && (len(more) > 0 || !slices.Equal(users, again)) {
			t.Fatalf("%q reads as %q (%v) again", users, again, more)
		}
	})
}
