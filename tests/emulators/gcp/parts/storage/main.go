// Cloud Storage on a loopback port: fake-gcs-server, corrected where it differs from the cloud.
//
// It prints its address as the first line, and ends with its stdin or by a signal. Notifications go to the Pub/Sub that
// PUBSUB_EMULATOR_HOST names.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen, always a loopback address")
	signers := flag.String("signers", "", "a JSON file: the public key (PEM) of each account whose signed URLs are believed")
	flag.Parse()
	if err := serve(*address, *signers); err != nil {
		log.Fatal(err)
	}
}

func serve(address, signers string) error {
	keys, err := readKeys(signers)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	configs, err := newNotifications(os.Getenv("PUBSUB_EMULATOR_HOST"), "http://"+listener.Addr().String())
	if err != nil {
		return err
	}
	fake, err := fakestorage.NewServerWithOptions(fakestorage.Options{
		NoListener:  true,
		Scheme:      "http",
		ExternalURL: "http://" + listener.Addr().String(),
		PublicHost:  listener.Addr().String(),
	})
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // who started it is gone when this ends, however it went
		os.Exit(0)
	}()
	fmt.Println(listener.Addr())
	return http.Serve(listener, newServer(fake.HTTPHandler(), configs, keys))
}
