package packaged

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Find returns the folder or archive on this machine with the code that a template, by
// its absolute path, has in S3 under key: a CDK asset, or an archive of the Serverless
// Framework for the function of that FunctionName, or one beside the template with the
// name that ends key. It is "" if there is none.
func Find(template, key, function string) string {
	dir := filepath.Dir(template)
	for _, place := range []string{asset(template, key), artifact(dir, function), path.Base(key)} {
		place = filepath.FromSlash(place)
		if !filepath.IsAbs(place) {
			place = filepath.Join(dir, place)
		}
		if info, err := os.Stat(place); place != dir && err == nil && (info.IsDir() || info.Mode().IsRegular()) {
			return place
		}
	}
	return ""
}

// asset returns what the manifests beside a template of the CDK, such as Shop.assets.json,
// say about key, which has the digest of the asset: the function may be of another stack.
func asset(template, key string) string {
	if !strings.HasSuffix(template, ".template.json") || key == "" {
		return ""
	}
	manifests, _ := fs.Glob(os.DirFS(filepath.Dir(template)), "*.assets.json")
	for _, name := range manifests {
		var manifest struct {
			Files map[string]struct {
				Source       struct{ Path string }
				Destinations map[string]struct{ ObjectKey string }
			}
		}
		readJSON(filepath.Join(filepath.Dir(template), name), &manifest)
		for _, file := range manifest.Files {
			for _, d := range file.Destinations {
				if d.ObjectKey == key {
					return file.Source.Path
				}
			}
		}
	}
	return ""
}

// artifact returns the package.artifact of a function, relative to dir, from the state
// that the Serverless Framework leaves beside its template, in .serverless.
func artifact(dir, function string) string {
	var state struct {
		Service struct {
			Functions map[string]struct {
				Name    string
				Package struct{ Artifact string }
			}
		}
	}
	readJSON(filepath.Join(dir, "serverless-state.json"), &state)
	for _, f := range state.Service.Functions {
		if file := f.Package.Artifact; f.Name == function && file != "" {
			if filepath.IsAbs(file) {
				return file
			}
			return path.Join("..", filepath.ToSlash(file)) // of the service's folder
		}
	}
	return ""
}

// readJSON reads a file of at most 64 MB into v, as far as it can be read.
func readJSON(file string, v any) {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > 64<<20 {
		return
	}
	if text, err := os.ReadFile(file); err == nil {
		_ = json.Unmarshal(text, v) // what is missing then is not found
	}
}
