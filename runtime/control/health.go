package control

// health answers that the process is alive and serving.
func health(*call) (any, error) {
	return raw{contentType: "text/plain; charset=utf-8", body: []byte("ok\n")}, nil
}

// ready answers whether traffic should be sent here.
func ready(k *call) (any, error) {
	if k.Ready != nil {
		if err := k.Ready(k.ctx); err != nil {
			k.http.SetStatusCode(503)
			return raw{contentType: "text/plain; charset=utf-8", body: []byte("not ready: " + err.Error() + "\n")}, nil
		}
	}
	text := "ready\n"
	if k.Containment != nil {
		for _, line := range k.Containment() {
			text += line + "\n"
		}
	}
	return raw{contentType: "text/plain; charset=utf-8", body: []byte(text)}, nil
}
