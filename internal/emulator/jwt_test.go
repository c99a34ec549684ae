package emulator_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

func TestKeySet(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	type document struct {
		Issuer string `json:"issuer"`
		Token  string `json:"token_endpoint"`
		Keys   string `json:"jwks_uri"`
	}
	answer := f.must(http.MethodGet, "/auth/realms/master/.well-known/openid-configuration", "", "", "")
	discovery := parse[document](t, answer.Body)
	if discovery.Issuer != f.web.URL+"/auth/realms/master" || discovery.Token != f.web.URL+tokenPath {
		t.Errorf("discovery is %+v", discovery)
	}
	path := strings.TrimPrefix(discovery.Keys, f.web.URL)
	keys := parse[struct{ Keys []map[string]string }](t, f.must(http.MethodGet, path, "", "", "").Body).Keys
	number := func(field string) *big.Int {
		data, err := base64.RawURLEncoding.DecodeString(keys[0][field])
		if err != nil {
			t.Fatal(err)
		}
		return new(big.Int).SetBytes(data)
	}
	key := &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}
	parts := strings.Split(f.token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature); err != nil {
		t.Errorf("the published key does not check the token: %s", err)
	}
	if got := f.must(http.MethodGet, "/auth/realms/master", "", "", ""); got.Status != 200 {
		t.Errorf("realm: %d", got.Status)
	}
}
