package knowledge

import (
	"strings"
	"testing"
)

// What a careful editor would ask about is found, and nothing beside it.
func TestLint(t *testing.T) {
	base := &Base{Licences: []*Licence{{Name: "丙证", Also: []string{"丙证书"}}}}
	for _, c := range []struct{ rows, want string }{
		{"花木\t种花\t《甲证》", ""},
		{"花木\t种花\t《甲证》或《乙证》\n花木\t修树\t《甲证》和《乙证》", ""},
		{"花木\t种花\t《甲证》或《甲证》和《乙证》", "x line 3, 花木/种花: the alternative all(《甲证》, 《乙证》) contains the alternative 《甲证》"},
		{"花木\t种花\t《甲证》（含花木）或《甲证》", "x line 3, 花木/种花: the alternative 《甲证》[含花木] contains the alternative 《甲证》"},
		{"花木\t种花\t《甲证》（含花木）或《甲证》（含树木）", ""},
		{"花木\t种花\t同时提供： 1、《乙证》 2、（2选1）： (1)《甲证》 (2)《甲证》和《丁证》", "x line 3, 花木/种花: the alternative all(《甲证》, 《丁证》) contains the alternative 《甲证》"},
		{"花木\t种花\t（2选1）： 1、企业：《甲证》 2、政府：《甲证》", ""},
		{"花木\t种花\t《甲证》\n花木\t修树\t《甲证书》", "花木/修树: 甲证书 is also written 甲证"},
		{"花木\t种花\t《丙证》\n花木\t修树\t《丙证书》", ""},
		{"花木\t种花（盆）\t《甲证》\n花木\t种花 盆\t/", "x line 4, 花木/种花 盆: looks like line 3, 花木/种花（盆）"},
		{"花木\t种花\t（3选1）： 1、《甲证》 2、《乙证》", "x line 3, 花木/种花: the official words: says 3选1 but lists 2"},
	} {
		e, err := ParseEdition("x.tsv", []byte("# id: x\n一级类目\t二级类目\t资质\n"+c.rows+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range base.Lint(e) {
			if !strings.Contains(f.What, "wordings") {
				got = append(got, f.At+": "+f.What)
			}
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.rows, got, c.want)
		}
	}
}

// What makes rows that cannot be told apart, or says nothing, is refused with its line.
func TestParseEditionFaults(t *testing.T) {
	for rows, want := range map[string]string{
		"花木\t种花\t/\n花木\t种花\t《甲证》": "x.tsv:4: 花木/种花 stands in line 3 already",
		"花木\t\t《甲证》":              "x.tsv:3: cell 2 is empty",
		"\t种花\t《甲证》":              "x.tsv:3: cell 1 is empty",
		"花木\t种花\t ":               "x.tsv:3: the official words are empty (write / where no document is needed)",
		"花木\t《甲证》":                "x.tsv:3: 2 cells, expected 3 separated by tabs",
	} {
		_, err := ParseEdition("x.tsv", []byte("# id: x\n一级类目\t二级类目\t资质\n"+rows+"\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", rows, err, want)
		}
	}
}

// A counterpart that does not exist is a fault with its line.
func TestCounterpartFaults(t *testing.T) {
	base := loaded(t)
	for line, want := range map[string]string{
		"社交/没有\t社交/直播": `counterparts.tsv:2: edition 2017-04 has no row "社交/没有"`,
		"社交/直播\t社交/没有": `counterparts.tsv:2: edition 2026-02 has no row "社交/没有"`,
		"社交/直播":        "counterparts.tsv:2: expected two cells",
		"社交/直播\t社交/直播": "",
	} {
		own := *base
		own.Pairs = nil
		err := own.readCounterparts("counterparts.tsv", []byte("2017-04\t2026-02\n"+line+"\n"))
		if err == nil {
			err = own.check()
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", line, err, want)
		}
	}
}
