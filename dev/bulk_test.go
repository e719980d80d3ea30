package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"uplift/internal/sim"
)

// TestBulkThroughThePages: an operator ticks three customers, reads why one cannot be upgraded, starts the other two by an explicit
// choice, and sees them through; a file with mistakes is told line by line before.
func TestBulkThroughThePages(t *testing.T) {
	o := openOffice(t, sim.DemoOperator)
	_, application := sim.DemoPermissions()
	for _, tenant := range []string{sim.WoodgroveTenant, sim.CohoTenant, sim.VanArsdelTenant} {
		o.all.cloud.State.GrantConsentNow(tenant, sim.DemoClientID, nil, application)
	}
	look := func(name string) {
		o.Helper()
		o.Page("provider/"+name, 1280, 390)
		o.Axe(name)
	}
	o.page("/batches")
	o.Wait("No batch is under way.")
	o.Press("Upgrade many customers")
	o.Wait("Which plan are the subscriptions on?")
	look("bulk-source")
	o.Tick("Microsoft 365 Business Basic")
	o.Press("Next: subscriptions")
	o.Wait("0 subscriptions ticked")
	for until := time.Now().Add(2 * time.Minute); !o.Says("VanArsdel") && time.Now().Before(until); { // the first inventory takes a moment
		o.Reload()
	}
	o.Allow("Failed to load resource: the server responded with a status of 422")
	o.Upload("CSV file", o.file("tenant,seats\nnobody,five\n"+sim.CohoTenant+",1,2\n"))
	o.Press("Upload")
	o.Wait("The file was not taken", "Line 2:", "Line 3:")
	for _, customer := range []string{"Woodgrove Cafe", "VanArsdel", "Coho Winery"} {
		o.Fill("Name, domain or tenant", customer)
		o.Press("Search")
		o.Wait(customer)
		o.Tick(customer + ", Microsoft 365 Business Basic")
	}
	o.Fill("Name, domain or tenant", "")
	o.Press("Search")
	o.Wait("3 subscriptions ticked", "VanArsdel")
	look("bulk-rows")
	o.Press("Next: target")
	o.Wait("Which plan do they become?")
	look("bulk-target")
	o.Choose("Which plan do they become?", "Microsoft 365 Business Standard")
	o.Press("Refusals, and the batch’s number")
	o.Fill("Batch number", "spring")
	o.Press("Next: check")
	o.Wait("3, of 3 customers", "Plan these 3 rows", "VanArsdel")
	look("bulk-check")
	o.Press("Plan these 3 rows")
	o.Wait("Batch spring", "The batch is placed.")
	// The page follows the planning by itself.
	o.Wait("Waiting for your word", "2 rows can be upgraded, to 6 seats in all; 1 row cannot.", "Business Basic ×5 → ")
	look("batch-confirming")
	o.Press("Plan of row 1")
	o.Wait("Plan of order spring-00001", "Subscriptions, now and then")
	o.Back()
	o.Press("Start 2 without the 1 refused")
	o.Wait("2 rows of 3 are begun")
	o.Wait("Ended", "2 completed, 1 refused")
	look("batch-ended")
	o.Press("spring-00001")
	o.Wait("Upgrade spring-00001", "Completed")
	o.page("/batches?show=all")
	o.Wait("spring", "2 completed, 1 refused")
	look("batches")
}

// file writes a file to upload.
func (o *office) file(content string) string {
	o.Helper()
	path := filepath.Join(o.TempDir(), "rows.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		o.Fatal(err)
	}
	return path
}
