package codec

import (
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// maxBody bounds a request. Temporal refuses payloads beyond 2 MiB; the UI asks for those of one event at a time, and
// base64 adds a third.
const maxBody = 16 << 20

// Options are a Handler's.
type Options struct {
	// Origins are the web pages that may ask, each exactly as a browser names it, such as http://127.0.0.1:8233. Empty
	// means that no page may: the CLI, which is no page and names no origin, still can.
	Origins []string
}

// Handler answers POST /encode and POST /decode in the form that Temporal's UI and CLI use for a codec server: the
// payloads of the request, encrypted or decrypted, in their order. What cannot be decrypted is returned unchanged, so
// that the UI still shows the rest of the event.
//
// To decrypt is to read every customer's upgrade, so only this machine may ask: the peer's address must be loopback and
// so must the host that was asked for, a request that some proxy forwarded is refused (the proxy's address says nothing
// about who asked), and a browser must come from one of the origins. A proxy that names itself nowhere mostly passes on
// the public name, and a page that has a name of its own pointed at 127.0.0.1 asks for that name: both are refused by it.
//
// It is the caller who mounts it, below a prefix if they strip that.
func Handler(ring *Ring, options Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /encode", endpoint(ring.Encode))
	mux.Handle("POST /decode", endpoint(ring.Decode))
	preflight := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	mux.HandleFunc("OPTIONS /encode", preflight)
	mux.HandleFunc("OPTIONS /decode", preflight)
	return guard(mux, slices.Clone(options.Origins))
}

func guard(next http.Handler, origins []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Add("Vary", "Origin")
		if !local(r) {
			http.Error(w, "payloads are encoded and decoded for this machine only", http.StatusForbidden)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			if !slices.Contains(origins, origin) {
				http.Error(w, "this origin may not encode or decode payloads", http.StatusForbidden)
				return
			}
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Allow-Credentials", "true")
			header.Set("Access-Control-Allow-Headers", "Authorization,Content-Type,X-Namespace")
			header.Set("Access-Control-Allow-Methods", "POST, OPTIONS")
		}
		next.ServeHTTP(w, r)
	})
}

// local tells whether the request was made on this machine, with nobody in between.
func local(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"} {
		if len(r.Header.Values(name)) > 0 {
			return false
		}
	}
	asked := r.Host
	if host, _, err := net.SplitHostPort(asked); err == nil {
		asked = host
	}
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && loopback(peer) && (strings.EqualFold(asked, "localhost") || loopback(strings.Trim(asked, "[]")))
}

func loopback(address string) bool {
	parsed, err := netip.ParseAddr(address)
	return err == nil && parsed.Unmap().IsLoopback()
}

func endpoint(convert func([]*commonpb.Payload) ([]*commonpb.Payload, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Demanding JSON also makes every browser ask first, by OPTIONS, since no plain form can send it.
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			http.Error(w, "the content type must be application/json", http.StatusUnsupportedMediaType)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			var large *http.MaxBytesError
			if errors.As(err, &large) {
				http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
				return
			}
			http.Error(w, "the request could not be read", http.StatusBadRequest)
			return
		}
		var payloads commonpb.Payloads
		if err := protojson.Unmarshal(body, &payloads); err != nil {
			// Without the cause, which quotes the request.
			http.Error(w, "the request is not a list of Temporal payloads in JSON", http.StatusBadRequest)
			return
		}
		converted, err := convert(payloads.GetPayloads())
		if err != nil {
			http.Error(w, "the payloads could not be converted", http.StatusInternalServerError)
			return
		}
		answer, err := protojson.Marshal(&commonpb.Payloads{Payloads: converted})
		if err != nil {
			http.Error(w, "the answer could not be written", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
	})
}
