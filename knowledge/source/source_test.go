package source

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	utf "golang.org/x/text/encoding/unicode"

	"zizhi/knowledge"
)

var update = flag.Bool("update", false, "write what was read into the files in testdata")

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The founding page, as it was saved, gives the built-in table byte for byte, and nothing else of it gets in.
func TestFoundingPage(t *testing.T) {
	got, err := Read(mustRead(t, "testdata/2017-04.html"), Options{ID: "2017-04", Title: "特殊行业所需资质材料",
		Publisher: "微信公众平台 · 小程序 · 运营文档", Date: "2017-04",
		Source: "https://mp.weixin.qq.com/debug/wxadoc/product/material.html"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(mustRead(t, "../data/editions/2017-04.tsv")), string(got.File)); diff != "" {
		t.Error(diff)
	}
	if len(got.Remarks) > 0 || got.Skipped != 0 || got.Tables != 1 || len(got.Edition.Rows) != 45 {
		t.Errorf("%d rows from %d tables, %d left out, remarks %v", len(got.Edition.Rows), got.Tables, got.Skipped, got.Remarks)
	}
}

// An edition's own file is read into itself.
func TestEditionsAgain(t *testing.T) {
	files, err := filepath.Glob("../data/editions/*.tsv")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data := mustRead(t, file)
		got, err := Read(data, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(data), string(got.File)); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

var sectionLine = regexp.MustCompile(`(?m)^section: (.*)$`)

// Every file in testdata is a source with the edition that it gives and the remarks about it.
func TestSources(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o := Options{ID: "2099-01"}
			if found := sectionLine.FindSubmatch(archive.Comment); found != nil {
				o.Section = string(found[1])
			}
			got := outcome(Read(archive.Files[0].Data, o))
			if *update {
				archive.Files = append(archive.Files[:1], txtar.File{Name: "outcome", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if len(archive.Files) != 2 {
				t.Fatal("expected two files: source and outcome")
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("go test -update writes it anew:\n%s", diff)
			}
		})
	}
}

// outcome is what was read, for people to review.
func outcome(i Import, err error) string {
	var b strings.Builder
	for _, remark := range i.Remarks {
		fmt.Fprintln(&b, remark)
	}
	if err != nil {
		fmt.Fprintln(&b, "error:", err)
	} else {
		fmt.Fprintf(&b, "%d tables, %d lines left out\n\n%s", i.Tables, i.Skipped, i.File)
	}
	return b.String()
}

// One text gives one edition, however it is encoded.
func TestEncodings(t *testing.T) {
	const text = "一级类目,二级类目,资质\r\n花木,种花,《种花许可证》\r\n花木,种𠮷,《㐂许可证》\r\n"
	const want = "# id: x\n一级类目\t二级类目\t资质\n花木\t种花\t《种花许可证》\n花木\t种𠮷\t《㐂许可证》\n"
	encoded := map[string]string{
		"UTF-8":               text,
		"UTF-8 with its mark": "\uFEFF" + text,
	}
	var err1, err2, err3 error
	encoded["GB18030"], err1 = simplifiedchinese.GB18030.NewEncoder().String(text)
	encoded["UTF-16 little-endian"], err2 = utf.UTF16(utf.LittleEndian, utf.UseBOM).NewEncoder().String(text)
	encoded["UTF-16 big-endian"], err3 = utf.UTF16(utf.BigEndian, utf.UseBOM).NewEncoder().String(text)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	for name, data := range encoded {
		got, err := Read([]byte(data), Options{ID: "x"})
		if err != nil || string(got.File) != want {
			t.Errorf("%s: %v\n%s", name, err, got.File)
		}
		if name == "GB18030" && len(got.Remarks) != 1 {
			t.Errorf("that it is no UTF-8 is not said: %v", got.Remarks)
		}
	}
}

// workbookBytes makes a workbook.
func workbookBytes(t testing.TB, fill func(book *excelize.File) error) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	if err := fill(book); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gardenBook(book *excelize.File) error {
	rows := map[string][]string{
		"A1": {"非个人主体可选的类目"},
		"A2": {"一级类目", "二级类目", "三级类目", "资质要求", "备注"},
		"A3": {"花木服务", "种花", "盆花", "（2选1）：\n1、《种花许可证》\n2、《营业执照》"},
		"A4": {"", "", "切花"},
		"A5": {"", "修树", "", "/"},
		"A7": {"以上仅供参考。"},
	}
	for at, row := range rows {
		if err := book.SetSheetRow("Sheet1", at, &row); err != nil {
			return err
		}
	}
	for _, merged := range [][2]string{{"A1", "E1"}, {"A3", "A5"}, {"B3", "B4"}, {"D3", "D4"}, {"B5", "C5"}, {"A7", "E7"}} {
		if err := book.MergeCell("Sheet1", merged[0], merged[1]); err != nil {
			return err
		}
	}
	for _, name := range []string{"修理服务", "隐藏"} {
		if _, err := book.NewSheet(name); err != nil {
			return err
		}
		if err := book.SetSheetRow(name, "B2", &[]string{"二级类目", "资质要求"}); err != nil {
			return err
		}
		if err := book.SetSheetRow(name, "B3", &[]string{"修鞋" + name, "《修鞋许可证》"}); err != nil {
			return err
		}
	}
	if err := book.SetSheetVisible("隐藏", false); err != nil {
		return err
	}
	chart := excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Values: "Sheet1!$A$1:$A$2"}}}
	return book.AddChartSheet("图", &chart)
}

func TestWorkbook(t *testing.T) {
	got := outcome(Read(workbookBytes(t, gardenBook), Options{ID: "x", Section: "非个人"}))
	const want = `sheet 隐藏: is hidden and was left out
sheet Sheet1, row 7: left out: a line of one cell
sheet 修理服务, row 2: no column 一级类目: "修理服务", which stands above the table, was taken
section (no heading about 主体): was not chosen and was left out
2 tables, 1 lines left out

# id: x
一级类目	二级类目	三级类目	资质要求
花木服务	种花	盆花	（2选1）： 1、《种花许可证》 2、《营业执照》
花木服务	种花	切花	（2选1）： 1、《种花许可证》 2、《营业执照》
花木服务	修树		/
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What cannot be read is refused with what to do about it.
func TestRefused(t *testing.T) {
	zip := workbookBytes(t, func(*excelize.File) error { return nil })
	many := "一级类目\t二级类目\t资质\n" + strings.Repeat("花木\t种花\t/\n", mostLines+1)
	for name, c := range map[string]struct {
		data, want string
		o          Options
	}{
		"nothing":         {"", "no table found", Options{ID: "x"}},
		"prose":           {"要什么证，看二级类目，带资质。\n", "no table found", Options{ID: "x"}},
		"page":            {"<html><body><p>一级类目</p></body></html>", "no table found", Options{ID: "x"}},
		"empty workbook":  {string(zip), "no table found", Options{ID: "x"}},
		"broken workbook": {string(zip[:len(zip)/2]), "the workbook cannot be opened", Options{ID: "x"}},
		"old workbook":    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "save it as .xlsx", Options{ID: "x"}},
		"PDF":             {"%PDF-1.7", "save the page as HTML", Options{ID: "x"}},
		"no rows":         {"一级类目,二级类目,资质\n花木,种花,\n", "no row could be read from 1 tables", Options{ID: "x"}},
		"no id":           {"一级类目,二级类目,资质\n花木,种花,/\n", "give the edition one", Options{}},
		"id is a path":    {"一级类目,二级类目,资质\n花木,种花,/\n", "give the edition one", Options{ID: "a/b"}},
		"two needs":       {"一级类目,二级类目,原资质,新资质\n花木,种花,/,/\n", "no table found", Options{ID: "x"}},
		"quotes":          {"一级类目,二级类目,资质\n花木,种花,\"甲\n花木,种树,乙\n", "line 3: the quotes of a cell that begins in line 2", Options{ID: "x"}},
		"no such section": {"<h2>个人主体</h2><table><tr><td>一级类目<td>二级类目<td>资质<tr><td>花木<td>种花<td>/</table>", `no section begins with "企业"; there are: ["个人主体"]`, Options{ID: "x", Section: "企业"}},
		"two sections": {"<h2>个人主体</h2><table><tr><td>一级类目<td>二级类目<td>资质<tr><td>花木<td>种花<td>/</table>" +
			"<h2>非个人主体</h2><table><tr><td>一级类目<td>二级类目<td>资质<tr><td>花木<td>种花<td>甲</table>", `choose a section: ["个人主体" "非个人主体"]`, Options{ID: "x"}},
		"too many lines": {many, "more than 20000 lines", Options{ID: "x"}},
		"too large":      {strings.Repeat("x", LargestFile+1), "are more than", Options{ID: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read([]byte(c.data), c.o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if got.File != nil || got.Edition != nil {
				t.Error("something was read all the same")
			}
		})
	}
}

// Rows that cannot be kept are named, and the others are kept.
func TestLinesLeftOut(t *testing.T) {
	long := "花木,长," + strings.Repeat("长", longestCell/3) + "\n"
	got, err := Read([]byte("一级类目,二级类目,资质\n"+long+"花木,坏\uFFFD,《甲》\n花木,种花,《甲》\n"), Options{ID: "x"})
	want := "line 2: left out: longer than 8000 bytes\nline 3: left out: some characters cannot be read\n1 tables, 2 lines left out\n\n# id: x\n一级类目\t二级类目\t资质\n花木\t种花\t《甲》\n"
	if diff := cmp.Diff(want, outcome(got, err)); diff != "" {
		t.Error(diff)
	}
}

// Whatever the bytes, reading ends, and what it gives is an edition's file with every row in it.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if archive := txtar.Parse(data); len(archive.Files) > 0 {
			data = archive.Files[0].Data
		}
		f.Add(data)
	}
	f.Add(workbookBytes(f, gardenBook))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Read(data, Options{ID: "x"})
		if err != nil {
			return
		}
		again, err := knowledge.ParseEdition("x.tsv", got.File)
		if err != nil || len(again.Rows) != len(got.Edition.Rows) {
			t.Fatalf("%v\n%s", err, got.File)
		}
		twice, err := Read(got.File, Options{ID: "x"})
		if err != nil || !bytes.Equal(twice.File, got.File) {
			t.Errorf("%v\n%s\nis read as\n%s", err, got.File, twice.File)
		}
	})
}
