package local

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// A program in a folder of an archive, as the Serverless Framework packs several, is
// served, and the next one after it was packed again.
func TestFolderOfArchive(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("Lambda's programs run on Linux only")
	}
	tr := emptyTree(t)
	tr.writeModule("")
	pack := func(body string) {
		tr.write("cmd/hello/main.go", mainText(body, ""))
		tr.write("cmd/other/main.go", mainText(body, ""))
		cmd := exec.Command("go", "build", "-o", filepath.Join(tr.dir, "hello"), "main.go") // so its program does not say its source
		cmd.Dir = filepath.Join(tr.dir, "cmd", "hello")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		program, err := os.ReadFile(filepath.Join(tr.dir, "hello"))
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.Create(filepath.Join(tr.dir, "new.zip"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		archive := zip.NewWriter(file)
		header := &zip.FileHeader{Name: "bin/packed"}
		header.SetMode(0o755)
		w, err := archive.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(program); err != nil {
			t.Fatal(err)
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file.Name(), filepath.Join(tr.dir, "packed.zip")); err != nil {
			t.Fatal(err)
		}
	}
	pack(`"one"`)
	tr.write("template.yaml", `Transform: AWS::Serverless-2016-10-31
Resources:
  Packed:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: packed.zip, Handler: bin/packed, Runtime: go1.x, FunctionUrlConfig: {AuthType: NONE}}
`)
	url, _ := serveTree(t, tr)
	until(t, url, "one")
	pack(`"two"`)
	until(t, url, "two")
}
