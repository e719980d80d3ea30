package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"time"
)

//go:embed assets
var sharedFiles embed.FS

// AssetsPath is where assets are served, each under its own name.
const AssetsPath = "/assets/"

// Assets are files that pages load, read once.
type Assets struct {
	names []string
	files map[string][]byte
	// Version changes with the files. A page puts it into their addresses, so that browsers may keep them.
	Version string
}

// LoadAssets reads the files of a folder.
func LoadAssets(files fs.ReadDirFS, folder string) (*Assets, error) {
	entries, err := files.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	a := &Assets{files: map[string][]byte{}}
	sum := sha256.New()
	for _, f := range entries {
		data, err := fs.ReadFile(files, path.Join(folder, f.Name()))
		if err != nil {
			return nil, err
		}
		a.files[f.Name()], a.names = data, append(a.names, f.Name())
		sum.Write(data)
	}
	a.Version = hex.EncodeToString(sum.Sum(nil)[:6])
	return a, nil
}

// Shared are the style and the icon of every plain page.
func Shared() (*Assets, error) { return LoadAssets(sharedFiles, "assets") }

// Names lists the files.
func (a *Assets) Names() []string { return slices.Clone(a.names) }

// Serve answers one of the files.
func (a *Assets) Serve(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, ok := a.files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
		w.Header().Set("Cache-Control", "public, max-age=86400")
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
	})
}
