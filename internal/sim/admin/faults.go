package admin

import (
	"net/http"
	"slices"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/entra"
)

// names are all faults that can be injected: the cloud's, and the sign-in's.
func names() []string {
	var out []string
	for _, f := range cloud.All() {
		out = append(out, string(f))
	}
	return append(out, entra.Faults()...)
}

func (a *api) faults(w http.ResponseWriter, _ *http.Request) {
	p := a.o.State.Profile()
	write(w, http.StatusOK, map[string]any{"faults": names(), "profile": p.Name, "chance": p.Chance, "lags": p.Lags, "struck": a.o.State.Struck()})
}

func (a *api) inject(w http.ResponseWriter, r *http.Request) {
	in := struct {
		Fault  string `json:"fault"`
		Method string `json:"method"`
		Path   string `json:"path"`
		Tenant string `json:"tenant"`
		Times  int    `json:"times"`
	}{Times: 1}
	if !read(w, r, &in) {
		return
	}
	if !slices.Contains(names(), in.Fault) {
		fail(w, http.StatusBadRequest, "no such fault: "+in.Fault)
		return
	}
	a.o.State.Inject(cloud.Fault(in.Fault), cloud.Matcher{Method: in.Method, Path: in.Path, Tenant: in.Tenant}, in.Times)
	w.WriteHeader(http.StatusNoContent)
}

func (a *api) profile(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Profile string `json:"profile"`
	}
	if !read(w, r, &in) {
		return
	}
	switch in.Profile {
	case "polite":
		a.o.State.SetFaults(cloud.Polite())
	case "misbehaving":
		a.o.State.SetFaults(cloud.Misbehaving())
	default:
		fail(w, http.StatusBadRequest, "the profiles are polite and misbehaving")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *api) reset(w http.ResponseWriter, _ *http.Request) {
	a.o.State.Reset()
	if a.o.Seed != nil {
		a.o.Seed(a.o.State)
	}
	w.WriteHeader(http.StatusNoContent)
}
