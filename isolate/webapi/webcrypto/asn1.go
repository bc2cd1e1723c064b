package webcrypto

import (
	"crypto/x509"

	"github.com/mayfly-edge/mayfly/isolate/asymmetric"
)

// parseSPKI reads a subjectPublicKeyInfo that holds a K.
func parseSPKI[K any](der []byte) (K, error) {
	parsed, err := asymmetric.ParsePublic(der, asymmetric.SPKI)
	if k, ok := parsed.(K); ok && err == nil {
		return k, nil
	}
	return *new(K), dataError("The data is not a subjectPublicKeyInfo of a key of this algorithm")
}

// parsePKCS8 reads a privateKeyInfo that holds a K.
func parsePKCS8[K any](der []byte) (K, error) {
	parsed, err := asymmetric.ParsePrivate(der, asymmetric.PKCS8, nil)
	if k, ok := parsed.(K); ok && err == nil {
		return k, nil
	}
	return *new(K), errPKCS8()
}

func errPKCS8() error {
	return dataError("The data is not a privateKeyInfo of a key of this algorithm")
}

// exportSPKI returns the subjectPublicKeyInfo of k, whose public key is the one given.
func exportSPKI(k *key, public any) (keyData, error) {
	if err := k.must(publicKey); err != nil {
		return keyData{}, err
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return keyData{}, operationError("The public key cannot be encoded: %v", err)
	}
	return keyData{format: spki, bytes: der}, nil
}

// exportPKCS8 returns the privateKeyInfo of k, whose private key is the one given.
func exportPKCS8(k *key, private any) (keyData, error) {
	if err := k.must(privateKey); err != nil {
		return keyData{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return keyData{}, operationError("The private key cannot be encoded: %v", err)
	}
	return keyData{format: pkcs8, bytes: der}, nil
}
