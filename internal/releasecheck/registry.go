package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
)

// registry serves a release by the protocol of provider registries.
type registry struct {
	release release
	key     key
	// sums are served in place of the release's, unless empty.
	sums      []byte
	platforms []platform
	protocols []string
}

// address is the provider's, without the host.
const address = "wallaroo-community/wallaroo"

// serve starts the registry and returns its address.
func (r registry) serve() (url string, stop func(), err error) {
	names, err := r.release.files()
	if err != nil {
		return "", nil, err
	}
	r.platforms = r.release.platforms(names)
	if r.protocols, err = r.release.protocols(); err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/providers/"+address+"/versions", r.versions)
	mux.HandleFunc("GET /v1/providers/"+address+"/{version}/download/{os}/{arch}", r.download)
	if len(r.sums) > 0 {
		mux.HandleFunc("GET /files/"+r.release.sums(), func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(r.sums) })
	}
	mux.Handle("GET /files/", http.StripPrefix("/files/", http.FileServerFS(os.DirFS(r.release.dir))))
	server := httptest.NewServer(mux)
	return server.URL, server.Close, nil
}

func (r registry) versions(w http.ResponseWriter, _ *http.Request) {
	var platforms []map[string]string
	for _, p := range r.platforms {
		platforms = append(platforms, map[string]string{"os": p.os, "arch": p.arch})
	}
	answer(w, map[string]any{"versions": []any{
		map[string]any{"version": r.release.version, "protocols": r.protocols, "platforms": platforms},
	}})
}

func (r registry) download(w http.ResponseWriter, req *http.Request) {
	zip := r.release.provider(platform{req.PathValue("os"), req.PathValue("arch")})
	data, err := os.ReadFile(r.release.path(zip))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	files := "http://" + req.Host + "/files/"
	answer(w, map[string]any{
		"protocols":             r.protocols,
		"os":                    req.PathValue("os"),
		"arch":                  req.PathValue("arch"),
		"filename":              zip,
		"download_url":          files + zip,
		"shasum":                sum(data),
		"shasums_url":           files + r.release.sums(),
		"shasums_signature_url": files + r.release.sums() + ".sig",
		"signing_keys": map[string]any{"gpg_public_keys": []any{
			map[string]string{"key_id": r.key.fingerprint[len(r.key.fingerprint)-16:], "ascii_armor": r.key.public},
		}},
	})
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}
