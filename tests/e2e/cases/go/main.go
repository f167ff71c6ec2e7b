// Keeps what it is sent in its volume.
package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func tell(w http.ResponseWriter, value any) {
	_ = json.NewEncoder(w).Encode(value)
}

func main() {
	http.HandleFunc("GET /env", func(w http.ResponseWriter, _ *http.Request) {
		env := map[string]string{}
		for _, entry := range os.Environ() {
			name, value, _ := strings.Cut(entry, "=")
			env[name] = value
		}
		tell(w, env)
	})
	http.HandleFunc("GET /zone", func(w http.ResponseWriter, _ *http.Request) {
		zone, err := time.LoadLocation("Europe/Berlin")
		tell(w, err == nil && zone.String() == "Europe/Berlin")
	})
	http.HandleFunc("POST /note", func(w http.ResponseWriter, _ *http.Request) {
		if err := os.WriteFile("/data/note", []byte("kept"), 0o600); err != nil {
			tell(w, err.Error())
			return
		}
		note, _ := os.ReadFile("/data/note")
		tell(w, string(note))
	})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		os.Exit(0)
	}()
	panic(http.ListenAndServe(":8000", nil))
}
