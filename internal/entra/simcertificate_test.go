package entra_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"uplift/internal/entra"
	"uplift/upgrade"
)

// TestSimCertificate: the registered certificate is accepted, another one is not.
func TestSimCertificate(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "uplift"}, NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	both := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})...)
	for name, registered := range map[string]bool{"registered": true, "another": false} {
		l := newLab(t, func(o *entra.Options, c *cloud) {
			o.ClientSecret, o.CertificatePEM = "", both
			if c.der = der; !registered {
				template.SerialNumber = big.NewInt(2)
				c.der, _ = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
			}
		})
		token, err := l.client.PartnerToken(context.Background())
		if registered && (err != nil || token == "") {
			t.Errorf("%s: %v", name, err)
		}
		if !registered {
			l.want(err, upgrade.Act, "AADSTS700027")
		}
	}
}
