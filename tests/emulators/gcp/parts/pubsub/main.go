// Pub/Sub on a loopback port: Google's own fake, corrected where it differs from the cloud.
//
// It prints its address as the first line, and ends with its stdin or by a signal.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"
)

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen, always a loopback address")
	patience := flag.Duration("patience", 500*time.Millisecond, "how long a pull waits for a first message")
	flag.Parse()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	server := newServer(*patience)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // who started it is gone when this ends, however it went
		os.Exit(0)
	}()
	fmt.Println(listener.Addr())
	log.Fatal(server.Serve(listener))
}
