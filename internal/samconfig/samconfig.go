// Package samconfig reads what sets up a project beside its template: samconfig files,
// values of parameters and files of environment variables, as sam does.
package samconfig

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v4"

	"github.com/crumb-go/crumb/internal/cfn"
)

// A Config is what a samconfig file says about one command. Fields that it does
// not set are empty.
type Config struct {
	TemplateFile  string            // template_file; relative paths start at the folder of the samconfig
	Overrides     map[string]string // parameter_overrides
	OverrideFiles []string          // the files that those name; paths like TemplateFile
	EnvVarsFile   string            // env_vars; a path like TemplateFile
	Region        string            // region
	Host          string            // host
	Port          string            // port, not checked
	DebugPort     string            // debug_port, not checked

	// Unread are the other names in the table of the command, sorted, and those beside
	// its and global's "parameters", such as "global.paramaters". If only sam deploy has
	// parameter_overrides, "deploy.parameter_overrides" is one of them.
	Unread []string
}

// Find returns the samconfig file in dir by the names that sam looks for:
// samconfig.toml, samconfig.yaml, samconfig.yml. If none exists it returns
// dir/samconfig.toml.
func Find(dir string) string {
	return cfn.Find(dir, "samconfig.toml", "samconfig.yaml", "samconfig.yml")
}

// Read reads a samconfig, TOML or YAML by its name, as sam does for a
// command such as "local_start_api": of the environment env ("" is "default") the
// table [env.global.parameters] and [env.command.parameters], which takes
// precedence. Tables of other commands, such as [env.deploy.parameters], are
// ignored. parameter_overrides may be as ParseOverrides says, or a table. It
// is an error if the named environment does not exist.
func Read(file, env, command string) (Config, error) {
	text, err := readFile(file)
	if err != nil {
		return Config{}, err
	}
	config, err := decode(file, text)
	if err != nil {
		return Config{}, err
	}
	tables, ok := config.(map[string]any)
	if !ok && config != nil {
		return Config{}, &cfn.Error{File: file, Text: "must be a map of environments"}
	}
	if env != "" && table(tables, env) == nil {
		return Config{}, &cfn.Error{File: file, Text: fmt.Sprintf("has no environment %q", env)}
	}
	s := settings{file: file, said: map[string]any{}, read: map[string]bool{}}
	var unread []string
	for _, command := range []string{"global", command} {
		for name := range table(tables, cmp.Or(env, "default"), command) {
			if name != "parameters" {
				unread = append(unread, command+"."+name)
			}
		}
		maps.Copy(s.said, table(tables, cmp.Or(env, "default"), command, "parameters"))
	}
	const overrides = "parameter_overrides"
	if _, said := s.said[overrides]; !said && table(tables, cmp.Or(env, "default"), "deploy", "parameters")[overrides] != nil {
		unread = append(unread, "deploy."+overrides)
	}
	o := overrideReader{values: map[string]string{}}
	if err := o.add(filepath.Dir(file), s.value(overrides)); err != nil {
		s.fail(overrides, err)
	}
	c := Config{
		TemplateFile:  s.path("template_file"),
		Overrides:     o.values,
		OverrideFiles: o.files,
		EnvVarsFile:   s.path("env_vars"),
		Region:        s.text("region"),
		Host:          s.text("host"),
		Port:          s.scalar("port"),
		DebugPort:     s.scalar("debug_port"),
		Unread:        unread,
	}
	for name := range table(tables, cmp.Or(env, "default"), command, "parameters") {
		if !s.read[name] {
			c.Unread = append(c.Unread, name)
		}
	}
	slices.Sort(c.Unread)
	return c, errors.Join(s.errs...)
}

func readFile(file string) ([]byte, error) {
	text, err := cfn.ReadFile(file)
	if tooLarge := (*cfn.Error)(nil); err != nil && !errors.As(err, &tooLarge) {
		err = fmt.Errorf("sam: %w", err)
	}
	return text, err
}

// decode reads YAML, which JSON is too, or TOML: by a file's name.
func decode(file string, text []byte) (value any, err error) {
	switch filepath.Ext(file) {
	case ".yaml", ".yml", ".json":
		if err := yaml.Unmarshal(text, &value); err != nil {
			return nil, cfn.Located(file, err)
		}
		return value, nil
	}
	tables := map[string]any{}
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
	read map[string]bool // names that Config has
	errs []error
}

func (s *settings) value(key string) any {
	s.read[key] = true
	return s.said[key]
}

func (s *settings) fail(key string, why any) {
	s.errs = append(s.errs, &cfn.Error{File: s.file, Text: fmt.Sprintf("%s: %v", key, why)})
}

func (s *settings) text(key string) string {
	value := s.value(key)
	text, ok := value.(string)
	if !ok && value != nil {
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

// scalar returns the text of a string or number, which may be alone in a list.
func (s *settings) scalar(key string) string {
	value := s.value(key)
	if list, ok := value.([]any); ok && len(list) == 1 {
		value = list[0]
	}
	switch value.(type) {
	case nil:
		return ""
	case string, int, int64:
		return fmt.Sprint(value)
	}
	s.fail(key, "must be a string or a number")
	return ""
}
