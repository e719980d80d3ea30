package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"mime"
	"net/http"
	"time"

	"uplift/upgrade"
)

// FormField is the hidden field in which every form of a page carries its token.
const FormField = "csrf"

const defaultMaxBody = 8 << 20

type formKey struct{}

// FormToken is the token that the forms of a page carry in the hidden field [FormField]. It counts for the session that the
// page was made for. It is empty where the request has no session.
func FormToken(ctx context.Context) string {
	make, _ := ctx.Value(formKey{}).(func() string)
	if make == nil {
		return ""
	}
	return make()
}

func withForms(ctx context.Context, make func() string) context.Context {
	return context.WithValue(ctx, formKey{}, make)
}

// token hides the session's secret by a pad of its own, so that no two pages carry the same, and a compressed page betrays
// nothing of it.
func (s session) token() string {
	pad := make([]byte, len(s.Form))
	_, _ = rand.Read(pad)
	hidden := make([]byte, len(s.Form))
	subtle.XORBytes(hidden, pad, []byte(s.Form))
	return base64.RawURLEncoding.EncodeToString(append(pad, hidden...))
}

// out is the token of a form that signs out; empty where nobody is signed in.
func (s session) out() string {
	if s.Form == "" {
		return ""
	}
	return s.token()
}

// accepts tells whether a token is of this session.
func (s session) accepts(token string) bool {
	data, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || s.Form == "" || len(data) != 2*len(s.Form) {
		return false
	}
	plain := make([]byte, len(s.Form))
	subtle.XORBytes(plain, data[:len(s.Form)], data[len(s.Form):])
	return subtle.ConstantTimeCompare(plain, []byte(s.Form)) == 1
}

const localFormContext = "portal-local-form"

// localToken is the token of forms where there are no sessions: sealed, so that it outlives a restart and nobody else makes one.
func (g *Guard) localToken() string {
	sealed, err := g.Sealer.Seal(upgrade.Secret(g.Now().UTC().Format(time.RFC3339)), localFormContext)
	if err != nil {
		g.Log.Error("a form's token could not be made", "error", err.Error())
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(sealed)
}

func (g *Guard) acceptsLocal(token string) bool {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return false
	}
	plain, err := g.Sealer.Unseal(sealed, localFormContext)
	if err != nil {
		return false
	}
	made, err := time.Parse(time.RFC3339, plain.Reveal())
	return err == nil && g.Now().Before(made.Add(SessionLife))
}

// readForm reads a post's body before anything is done for it, as browsers send forms: what comes as another type was not made
// by our page. The status is 0 where it could be read.
func readForm(w http.ResponseWriter, r *http.Request, limit int64) (status int) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" && kind != "multipart/form-data" {
		return http.StatusUnsupportedMediaType
	}
	if limit <= 0 {
		limit = defaultMaxBody
	}
	if r.ContentLength > limit {
		return http.StatusRequestEntityTooLarge
	}
	body := http.MaxBytesReader(w, r.Body, limit)
	r.Body = body
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(limit)
	} else {
		err = r.ParseForm()
	}
	switch {
	case err == nil:
		return 0
	case tooLarge(err):
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}
