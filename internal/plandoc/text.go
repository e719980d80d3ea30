package plandoc

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Width is how long a line of text is, where nothing else is asked for.
const Width = 80

// Text is the document for terminals, and for those who read no HTML. A word that is longer than a line stays whole.
func (d Doc) Text(width int) string {
	return underlined(strings.ToUpper(d.Title), "=") + "\n" + d.Body(width)
}

// Body is the text without the document's title.
func (d Doc) Body(width int) string {
	var b strings.Builder
	for i, s := range d.Sections {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(underlined(s.Title, "-"))
		for j, block := range s.Blocks {
			if j > 0 {
				b.WriteString("\n")
			}
			block.text(&b, width)
		}
	}
	return b.String()
}

func underlined(title, mark string) string {
	return title + "\n" + strings.Repeat(mark, utf8.RuneCountInString(title)) + "\n"
}

func (b Block) text(out *strings.Builder, width int) {
	switch {
	case b.Table != nil:
		b.Table.text(out, width)
	case len(b.Facts) > 0:
		factText(out, b.Facts, width)
	case b.Command != "":
		out.WriteString("    " + b.Command + "\n")
	case len(b.Items) > 0:
		for i, it := range b.Items {
			mark := "  - "
			if b.Ordered {
				mark = fmt.Sprintf("%3d. ", i+1)
			}
			it.text(out, mark, width)
		}
	default:
		out.WriteString(strings.Join(wrap(b.Text, width), "\n") + "\n")
	}
}

func (it Item) text(out *strings.Builder, mark string, width int) {
	line := it.Text
	if it.Code != "" {
		line += " [" + it.Code + "]"
	}
	hang(out, mark, line, width)
	for _, more := range it.More {
		hang(out, strings.Repeat(" ", len(mark)), more, width)
	}
}

// hang writes a text whose further lines stand under its first word.
func hang(out *strings.Builder, mark, text string, width int) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(mark))
	for i, line := range wrap(text, width-len(indent)) {
		if i > 0 {
			mark = indent
		}
		out.WriteString(strings.TrimRight(mark+line, " ") + "\n")
	}
}

func factText(out *strings.Builder, facts []Fact, width int) {
	longest := 0
	for _, f := range facts {
		longest = max(longest, utf8.RuneCountInString(f.Name))
	}
	for _, f := range facts {
		hang(out, fmt.Sprintf("%-*s  ", longest, f.Name), f.Value, width)
	}
}

// wrap breaks a text between words.
func wrap(text string, width int) []string {
	lines, used := []string{""}, 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		last := len(lines) - 1
		switch {
		case used == 0:
			lines[last], used = word, n
		case used+1+n > width:
			lines, used = append(lines, word), n
		default:
			lines[last] += " " + word
			used += 1 + n
		}
	}
	return lines
}

// gap is between two columns.
const gap = 2

// text writes the table, its columns as wide as they need to be and the line allows.
func (t *Table) text(out *strings.Builder, width int) {
	widths := t.widths(width)
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		cells := make([][]string, len(row))
		height := 0
		for i, cell := range row {
			for _, line := range strings.Split(cell, "\n") {
				cells[i] = append(cells[i], wrap(line, widths[i])...)
			}
			height = max(height, len(cells[i]))
		}
		for n := range height {
			t.line(out, widths, cells, n)
		}
	}
}

// line writes the nth line of a row.
func (t *Table) line(out *strings.Builder, widths []int, cells [][]string, n int) {
	var b strings.Builder
	for i, cell := range cells {
		text := ""
		if n < len(cell) {
			text = cell[n]
		}
		pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(text)))
		if t.Numbers && i > 0 {
			text = pad + text
		} else {
			text += pad
		}
		b.WriteString(text + strings.Repeat(" ", gap))
	}
	out.WriteString(strings.TrimRight(b.String(), " ") + "\n")
}

// widths gives each column what it needs, and takes from the widest until the line fits; no column becomes narrower than its
// longest word.
func (t *Table) widths(width int) []int {
	widths, least := make([]int, len(t.Head)), make([]int, len(t.Head))
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		for i, cell := range row {
			for _, line := range strings.Split(cell, "\n") {
				widths[i] = max(widths[i], utf8.RuneCountInString(line))
				for _, word := range strings.Fields(line) {
					least[i] = max(least[i], utf8.RuneCountInString(word))
				}
			}
		}
	}
	total := gap * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for ; total > width; total-- {
		widest := -1
		for i, w := range widths {
			if w > least[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}
