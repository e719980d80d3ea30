package catalog

import "testing"

func TestLoad(t *testing.T) {
	c := Load()
	t.Log(len(c.Offers()), c.Digest())
}
