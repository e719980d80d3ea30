package browser

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"github.com/chromedp/chromedp"
)

// Width sets the width of the window, such as 390 for a telephone held upright.
func (b *Browser) Width(pixels int64) {
	b.t.Helper()
	b.Do(chromedp.EmulateViewport(pixels, height))
}

// Screenshot writes the visible part of the page to name.png and returns its path. The directory is
// UPLIFT_TEST_SCREENSHOTS, else the test's artifact directory (go test -artifacts).
func (b *Browser) Screenshot(name string) string {
	b.t.Helper()
	return b.picture(name, chromedp.CaptureScreenshot())
}

// Page writes the whole page, as far down as it goes, at this width, to name-WIDTH.png, and leaves the
// window as wide as a desk. A page that is wider than its window fails the test: nobody likes to push
// a page from side to side.
func (b *Browser) Page(name string, widths ...int64) {
	b.t.Helper()
	for _, width := range widths {
		b.Width(width)
		if wide := Get(b, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")); wide > width {
			b.t.Errorf("%s: the page is %d pixels wide in a window of %d", name, wide, width)
		}
		b.picture(name+"-"+strconv.FormatInt(width, 10), chromedp.FullScreenshot(100))
	}
	b.Width(desk)
}

func (b *Browser) picture(name string, take chromedp.Action[[]byte]) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	image, err := chromedp.Run(ctx, take)
	if err != nil {
		b.t.Errorf("screenshot %s: %v", name, err)
		return ""
	}
	dir := os.Getenv("UPLIFT_TEST_SCREENSHOTS")
	if dir == "" {
		dir = b.t.ArtifactDir()
	}
	path := filepath.Join(dir, name+".png")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Errorf("screenshot: %v", err)
	}
	if err := os.WriteFile(path, image, 0o644); err != nil {
		b.t.Errorf("screenshot: %v", err)
	}
	return path
}
