package sam

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v4"

	"github.com/crumb-go/crumb/internal/cfn"
)

// A Config is what a samconfig file says about one command. Fields that it does
// not set are empty.
type Config struct {
	TemplateFile string            // template_file; relative paths start at the folder of the samconfig
	Overrides    map[string]string // parameter_overrides
	EnvVarsFile  string            // env_vars; a path like TemplateFile
	Region       string            // region
}

// FindConfig returns the samconfig file in dir by the names that sam looks for:
// samconfig.toml, samconfig.yaml, samconfig.yml. If none exists it returns
// dir/samconfig.toml.
func FindConfig(dir string) string {
	return find(dir, "samconfig.toml", "samconfig.yaml", "samconfig.yml")
}

// ReadConfig reads a samconfig, TOML or YAML by its name, as sam does for a
// command such as "local_start_api": of the environment env ("" is "default") the
// table [env.global.parameters] and [env.command.parameters], which takes
// precedence. Tables of other commands, such as [env.deploy.parameters], are
// ignored. parameter_overrides may be a string, a list of strings, or a table. It
// is an error if the named environment does not exist.
func ReadConfig(file, env, command string) (Config, error) {
	text, err := readFile(file)
	if err != nil {
		return Config{}, err
	}
	tables, err := parseConfig(file, text)
	if err != nil {
		return Config{}, err
	}
	if env != "" && table(tables, env) == nil {
		return Config{}, &cfn.Error{File: file, Text: fmt.Sprintf("has no environment %q", env)}
	}
	s := settings{file: file, said: map[string]any{}}
	for _, command := range []string{"global", command} {
		maps.Copy(s.said, table(tables, cmp.Or(env, "default"), command, "parameters"))
	}
	c := Config{
		TemplateFile: s.path("template_file"),
		Overrides:    s.overrides("parameter_overrides"),
		EnvVarsFile:  s.path("env_vars"),
		Region:       s.text("region"),
	}
	return c, errors.Join(s.errs...)
}

func parseConfig(file string, text []byte) (tables map[string]any, err error) {
	switch filepath.Ext(file) {
	case ".yaml", ".yml":
		if err := yaml.Unmarshal(text, &tables); err != nil {
			return nil, cfn.Located(file, err)
		}
		return tables, nil
	}
	if _, err := toml.Decode(string(text), &tables); err != nil {
		if p := (toml.ParseError{}); errors.As(err, &p) {
			return nil, &cfn.Error{File: file, Line: p.Position.Line, Text: p.Message}
		}
		return nil, &cfn.Error{File: file, Text: err.Error()}
	}
	return tables, nil
}

func table(tables map[string]any, path ...string) map[string]any {
	for _, key := range path {
		tables, _ = tables[key].(map[string]any)
	}
	return tables
}

// settings are what a samconfig says about one command.
type settings struct {
	file string
	said map[string]any
	errs []error
}

func (s *settings) fail(key string, why any) {
	s.errs = append(s.errs, &cfn.Error{File: s.file, Text: fmt.Sprintf("%s: %v", key, why)})
}

func (s *settings) text(key string) string {
	text, ok := s.said[key].(string)
	if !ok && s.said[key] != nil {
		s.fail(key, "must be a string")
	}
	return text
}

func (s *settings) path(key string) string {
	path := s.text(key)
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(s.file), path)
}

func (s *settings) overrides(key string) map[string]string {
	values := map[string]string{}
	for _, item := range flatten(s.said[key]) {
		switch item := item.(type) {
		case string:
			if err := parseOverrides(values, item); err != nil {
				s.fail(key, err)
			}
		case map[string]any:
			for name, value := range item {
				values[name] = fmt.Sprint(value)
			}
		default:
			s.fail(key, "must be Name=Value strings, or a table of names and values")
		}
	}
	return values
}

// flatten returns the items of a list, including those of nested lists, or a
// single value as a list of one.
func flatten(value any) []any {
	items, ok := value.([]any)
	switch {
	case value == nil:
		return nil
	case !ok:
		return []any{value}
	}
	var flat []any
	for _, item := range items {
		flat = append(flat, flatten(item)...)
	}
	return flat
}
