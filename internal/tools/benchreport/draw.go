package main

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"os"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// series is one line of the picture.
type series struct {
	form, subject, label string
	color                color.Color
	dashes               []vg.Length
}

var (
	grey   = color.Gray{Y: 120}
	blue   = color.RGBA{R: 31, G: 90, B: 180, A: 255}
	orange = color.RGBA{R: 214, G: 104, A: 255}
	dashed = []vg.Length{vg.Points(5), vg.Points(3)}
	dotted = []vg.Length{vg.Points(1), vg.Points(2)}

	allSeries = []series{
		{"single", "terraform_data", "terraform_data (the CLI alone)", grey, dotted},
		{"single", "idle", "a provider that does nothing", grey, dashed},
		{"single", "wallaroo", "wallaroo_workspace_user", blue, nil},
		{"exclusive", "wallaroo", "wallaroo_workspace_users_exclusive", orange, nil},
	}
)

// draw writes the picture: one panel for each command.
func draw(file string, members results) error {
	// The library's default is a serif face.
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont

	var panels []*plot.Plot

	for _, step := range []string{"apply", "plan"} {
		panel, err := newPanel(members, step)
		if err != nil {
			return err
		}

		panels = append(panels, panel)
	}

	image := vgsvg.New(9*vg.Inch, 4*vg.Inch)

	tiles := vgdraw.Tiles{Rows: 1, Cols: len(panels), PadX: vg.Points(20), PadTop: vg.Points(5), PadRight: vg.Points(15)}
	for i, canvas := range plot.Align([][]*plot.Plot{panels}, tiles, vgdraw.New(image))[0] {
		panels[i].Draw(canvas)
	}

	var svg bytes.Buffer
	if _, err := image.WriteTo(&svg); err != nil {
		return err
	}
	// Whoever lacks the font of the library shall see one that is alike.
	text := bytes.ReplaceAll(svg.Bytes(), []byte("Liberation Sans"), []byte("Liberation Sans,Arial,sans-serif"))

	return os.WriteFile(file, text, 0o644)
}

// newPanel returns the plot of one command. Both axes are logarithmic, and the same in all panels.
func newPanel(members results, step string) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = "terraform " + step
	p.X.Label.Text, p.Y.Label.Text = "members", "CPU time in seconds"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())

	for _, s := range allSeries {
		line, points, err := plotter.NewLinePoints(s.points(members, step))
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", step, s.label, err)
		}

		line.Color, line.Width, line.Dashes = s.color, vg.Points(1.5), s.dashes
		points.Color, points.Shape = s.color, vgdraw.CircleGlyph{}
		p.Add(line, points)
		p.Legend.Add(s.label, line)
	}

	least, most := math.Inf(1), math.Inf(-1)
	for _, r := range members {
		least = min(least, r.values["apply-cpu-s"], r.values["plan-cpu-s"])
		most = max(most, r.values["apply-cpu-s"], r.values["plan-cpu-s"])
	}

	const legend = 6 // is the room above the lines

	p.Y.Min, p.Y.Max = least/1.5, most*legend

	return p, nil
}

func (s series) points(members results, step string) plotter.XYs {
	var points plotter.XYs

	for _, r := range members {
		n, err := strconv.ParseFloat(r.config["members"], 64)
		if err == nil && r.config["form"] == s.form && r.config["subject"] == s.subject {
			points = append(points, plotter.XY{X: n, Y: r.values[step+"-cpu-s"]})
		}
	}

	return points
}
