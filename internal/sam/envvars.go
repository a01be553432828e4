package sam

import "fmt"

// ReadEnvVars reads a file of environment variables as sam's --env-vars takes
// it, for Options.EnvVars: a JSON object of objects, one for each function (its
// logical id or FunctionName) and one, "Parameters", for all. Numbers and
// booleans become their text, null the empty text.
func ReadEnvVars(file string) (map[string]map[string]string, error) {
	text, err := readFile(file)
	if err != nil {
		return nil, err
	}
	root, err := parseJSON(text)
	if err != nil {
		return nil, located(file, err)
	}
	if root.kind != object {
		return nil, &Error{file, root.line, "must be an object with one object for each function"}
	}
	all := map[string]map[string]string{}
	for _, f := range root.fields {
		if f.value.kind != object {
			return nil, &Error{file, f.line, fmt.Sprintf("%q must be an object of variables, not %s", f.key, f.value.kind)}
		}
		variables := map[string]string{}
		for _, v := range f.value.fields {
			if v.value.kind == list || v.value.kind == object {
				return nil, &Error{file, v.line, fmt.Sprintf("%q must be a text, not %s", v.key, v.value.kind)}
			}
			variables[v.key] = v.value.text
		}
		all[f.key] = variables
	}
	return all, nil
}
