// SPDX-License-Identifier: AGPL-3.0-or-later

// Flows of the official Go client, as the module proxy has it, against a real server. Prints a line
// of JSON for each: its name, and what went wrong.
//
// usage: go run . FOLDER   (LEAPOCR_BASE_URL, LEAPOCR_API_KEY, POOR_API_KEY, DOCUMENT_URL)
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	ocr "github.com/leapocr/leapocr-go"
)

var quick = ocr.WaitOptions{InitialDelay: 50 * time.Millisecond, MaxDelay: 200 * time.Millisecond, MaxJitter: time.Millisecond}

type world struct {
	folder, base, key, agent string
}

func (w world) client() *ocr.SDK {
	config := ocr.DefaultConfig(w.key)
	config.BaseURL = w.base
	if w.agent != "default" {
		config.UserAgent = w.agent
	}
	client, err := ocr.NewSDK(config)
	if err != nil {
		panic(err)
	}
	return client
}

func check(good bool, format string, args ...any) {
	if !good {
		panic(fmt.Errorf(format, args...))
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Uploads the file of that name and waits.
func read(w world, name string, options ...ocr.ProcessingOption) *ocr.OCRResult {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	client := w.client()
	data := must(os.ReadFile(filepath.Join(w.folder, name)))
	job := must(client.ProcessFile(ctx, bytes.NewReader(data), name, options...))
	result := must(client.WaitUntilDoneWithOptions(ctx, job.ID, quick))
	check(result.Status == "completed" && result.JobID == job.ID && result.Credits > 0, "%+v", result)
	return result
}

func markdown(w world) {
	result := read(w, "short.pdf", ocr.WithFormat(ocr.FormatMarkdown), ocr.WithModelString("standard-v2"))
	check(len(result.Pages) == 3 && strings.Contains(result.Text, "apples"), "%+v", result)
	check(strings.Contains(result.Pages[1].Text, "pears") && result.Pages[1].PageNumber == 2, "%+v", result.Pages)
}

func severalParts(w world) {
	check(strings.Contains(read(w, "parts.pdf", ocr.WithFormat(ocr.FormatMarkdown)).Text, "padded"), "no text")
}

func structured(w world) {
	result := read(w, "other.pdf", ocr.WithModel(ocr.ModelProV1), ocr.WithInstructions("Take the number"),
		ocr.WithSchema(map[string]interface{}{"invoice_number": "string", "total": "number"}))
	check(result.Data["invoice_number"] == "A-17" && result.Data["total"] == 12.5, "%+v", result.Data)
}

func withoutSchema(w world) {
	read(w, "other.pdf")
}

func perPage(w world) {
	result := read(w, "other.pdf", ocr.WithFormat(ocr.FormatPerPageStructured),
		ocr.WithSchema(map[string]interface{}{"invoice_number": "string"}))
	check(result.Pages[0].Data["invoice_number"] == "A-17", "%+v", result.Pages)
}

func template(w world) {
	check(len(read(w, "other.pdf", ocr.WithTemplateSlug("invoice-extraction")).Data) > 0, "no data")
}

func url(w world) {
	ctx := context.Background()
	client := w.client()
	job := must(client.ProcessURL(ctx, os.Getenv("DOCUMENT_URL"), ocr.WithFormat(ocr.FormatMarkdown)))
	result := must(client.WaitUntilDoneWithOptions(ctx, job.ID, quick))
	check(strings.Contains(result.Text, "plums"), "%+v", result)
}

func status(w world) {
	ctx := context.Background()
	client := w.client()
	data := must(os.ReadFile(filepath.Join(w.folder, "short.pdf")))
	job := must(client.ProcessFile(ctx, bytes.NewReader(data), "short.pdf", ocr.WithFormat(ocr.FormatMarkdown)))
	seen := must(client.GetJobStatus(ctx, job.ID))
	check(seen.ID == job.ID && seen.Progress >= 0 && seen.Progress <= 100, "%+v", seen)
	must(client.WaitUntilDoneWithOptions(ctx, job.ID, quick))
	check(must(client.GetJobStatus(ctx, job.ID)).Progress == 100, "not all of it")
	check(client.DeleteJob(ctx, job.ID) == nil, "not deleted")
	_, err := client.GetJobStatus(ctx, job.ID)
	check(err != nil, "a deleted job has a status")
}

func failed(w world) {
	ctx := context.Background()
	client := w.client()
	job := must(client.ProcessFile(ctx, strings.NewReader("this is no document"), "text.pdf"))
	_, err := client.WaitUntilDoneWithOptions(ctx, job.ID, quick)
	var known *ocr.SDKError
	check(errors.As(err, &known) && known.Type == ocr.ErrorTypeJobError && strings.Contains(known.Message, ": "), "%v", err)
}

// Every refusal is an error of the client's own kind that names the status.
func refused(w world) {
	ctx := context.Background()
	poor, nobody := w, w
	poor.key, nobody.key = os.Getenv("POOR_API_KEY"), "lo_nobody00_"+strings.Repeat("0", 43)
	data := must(os.ReadFile(filepath.Join(w.folder, "other.pdf")))
	upload := func(w world) error {
		_, err := w.client().ProcessFile(ctx, bytes.NewReader(data), "other.pdf", ocr.WithModelString("pro-v2"))
		return err
	}
	_, unknown := w.client().GetJobStatus(ctx, "non-existent-job-id-12345")
	_, noURL := w.client().ProcessURL(ctx, "http://127.0.0.1:1/none")
	_, waited := w.client().WaitUntilDoneWithOptions(ctx, "fake-job-id", quick)
	for _, each := range []struct {
		err  error
		word string
	}{{upload(poor), "402"}, {upload(nobody), "401"}, {unknown, "404"}, {waited, "404"},
		{w.client().DeleteJob(ctx, "fake-job-id"), "404"}, {noURL, ""}} {
		var known *ocr.SDKError
		if each.word == "" {
			continue // a port that nobody answers at is found out by the job
		}
		check(errors.As(each.err, &known) && known.IsAPIError() && strings.Contains(known.Error(), each.word), "%v", each.err)
	}
}

func run(name string, flow func(world), w world) {
	text := ""
	defer func() {
		if caught := recover(); caught != nil {
			text = fmt.Sprint(caught)
		}
		line := must(json.Marshal(map[string]string{"flow": name, "error": text}))
		fmt.Println(string(line))
	}()
	flow(w)
}

func main() {
	base := os.Getenv("LEAPOCR_BASE_URL")
	w := world{folder: os.Args[1], base: base, key: os.Getenv("LEAPOCR_API_KEY"), agent: "default"}
	for _, each := range []struct {
		name string
		flow func(world)
	}{{"markdown", markdown}, {"several_parts", severalParts}, {"structured", structured},
		{"without_schema", withoutSchema}, {"per_page", perPage}, {"template", template}, {"url", url}, {"status", status},
		{"failed", failed}, {"refused", refused}} {
		run(each.name, each.flow, w)
	}
	// Base URLs as people write them, and agents: that of the client's own tests, and none.
	for i, other := range []string{strings.TrimSuffix(base, "/api/v1"), base + "/", strings.TrimSuffix(base, "/api/v1") + "/"} {
		w.base = other
		run(fmt.Sprintf("base_%d", i), markdown, w)
		run(fmt.Sprintf("base_%d_status", i), status, w)
	}
	for i, agent := range []string{"leapocr-go-sdk-test/1.0.0", ""} {
		w.base, w.agent = base, agent
		run(fmt.Sprintf("agent_%d", i), markdown, w)
		run(fmt.Sprintf("agent_%d_structured", i), structured, w)
	}
}
