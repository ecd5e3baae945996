// A peer: the usual hub in Go. One goroutine owns the map, and all others reach it through channels. Each connection has
// a buffer of 256 notifications and a write pump. A connection whose buffer overflows is dropped.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gorilla/websocket"
)

const (
	buffered  = 256
	pingEvery = 25 * time.Second
)

type notification struct {
	Target string          `json:"target"`
	Data   json.RawMessage `json:"data"`
}

type connection struct {
	target string
	socket *websocket.Conn
	outbox chan []byte
}

type hub struct {
	registrations   chan *connection
	deregistrations chan *connection
	notifications   chan notification
	connections     map[string]map[*connection]bool
}

func (h *hub) run() {
	for {
		select {
		case c := <-h.registrations:
			if h.connections[c.target] == nil {
				h.connections[c.target] = map[*connection]bool{}
			}
			h.connections[c.target][c] = true
		case c := <-h.deregistrations:
			h.drop(c)
		case n := <-h.notifications:
			for c := range h.connections[n.Target] {
				select {
				case c.outbox <- n.Data:
				default:
					h.drop(c)
				}
			}
		}
	}
}

func (h *hub) drop(c *connection) {
	if !h.connections[c.target][c] {
		return
	}
	close(c.outbox)
	delete(h.connections[c.target], c)
	if len(h.connections[c.target]) == 0 {
		delete(h.connections, c.target)
	}
}

func (h *hub) readPump(c *connection) {
	defer c.socket.Close()
	for {
		if _, _, err := c.socket.ReadMessage(); err != nil {
			h.deregistrations <- c
			return
		}
	}
}

func (c *connection) writePump() {
	pings := time.NewTicker(pingEvery)
	defer pings.Stop()
	defer c.socket.Close()
	for {
		kind, payload := websocket.PingMessage, []byte(nil)
		select {
		case data, open := <-c.outbox:
			if kind, payload = websocket.TextMessage, data; !open {
				kind = websocket.CloseMessage
			}
		case <-pings.C:
		}
		if c.socket.WriteMessage(kind, payload) != nil || kind == websocket.CloseMessage {
			return
		}
	}
}

func (h *hub) connect(upgrader *websocket.Upgrader) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return // the upgrader has responded
		}
		c := &connection{r.URL.Query().Get("target"), socket, make(chan []byte, buffered)}
		h.registrations <- c
		go h.readPump(c)
		go c.writePump()
	}
}

func (h *hub) notify(w http.ResponseWriter, r *http.Request) {
	var n notification
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.notifications <- n
	w.WriteHeader(http.StatusAccepted)
}

func (h *hub) notifyMany(w http.ResponseWriter, r *http.Request) {
	var many []notification
	if err := json.NewDecoder(r.Body).Decode(&many); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, n := range many {
		h.notifications <- n
	}
	w.WriteHeader(http.StatusAccepted)
}

func main() {
	h := &hub{
		registrations:   make(chan *connection, 256),
		deregistrations: make(chan *connection, 256),
		notifications:   make(chan notification, 1024),
		connections:     map[string]map[*connection]bool{},
	}
	go h.run()
	http.HandleFunc("/connect", h.connect(&websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}))
	http.HandleFunc("/notify", h.notify)
	http.HandleFunc("/notify/many", h.notifyMany)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
