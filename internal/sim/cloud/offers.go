package cloud

import (
	_ "embed"
	"encoding/csv"
	"strconv"
	"strings"
	"sync"

	"github.com/google/uuid"
)

//go:embed offers.csv
var offersCSV string

//go:embed plans.csv
var plansCSV string

// ServicePlan is one service inside a SKU.
type ServicePlan struct{ ID, Name string }

// Offer joins Microsoft's two catalogues: the directory's SKU and the product
// that Partner Center sells.
type Offer struct {
	Name       string
	PartNumber string
	SKU        string // skuId, Partner Center's provisioningId
	ProductID  string
	SkuID      string // Partner Center's, for example 0001
	MinSeats   int
	MaxSeats   int
	// Invented marks offers whose product id is this simulator's own, because no
	// source names Microsoft's.
	Invented bool
	Plans    []ServicePlan
	first    string // the availability that the table gives
}

// Key is "product:sku".
func (o *Offer) Key() string { return o.ProductID + ":" + o.SkuID }

// LegacyID is the GUID under which the offer's traditional edition is known here.
// It is derived from the skuId; Microsoft's own are different.
func (o *Offer) LegacyID() string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("legacy offer "+o.SKU)).String()
}

func (o *Offer) plan(id string) (ServicePlan, bool) {
	for _, p := range o.Plans {
		if strings.EqualFold(p.ID, id) {
			return p, true
		}
	}
	return ServicePlan{}, false
}

const noSeatCap = 10_000_000 // what Partner Center's samples show where there is no cap

// offers reads the embedded tables, once.
var offers = sync.OnceValue(func() []*Offer {
	var plans []ServicePlan
	for _, row := range rows(plansCSV) {
		plans = append(plans, ServicePlan{row[0], row[1]})
	}
	var out []*Offer
	for _, row := range rows(offersCSV) {
		most, _ := strconv.Atoi(row[6])
		if most == 0 {
			most = noSeatCap
		}
		o := &Offer{Name: row[0], PartNumber: row[1], SKU: row[2], ProductID: row[3], SkuID: row[4], first: row[5],
			MinSeats: 1, MaxSeats: most, Invented: row[7] == "i"}
		for _, index := range strings.Fields(row[8]) {
			n, _ := strconv.Atoi(index)
			o.Plans = append(o.Plans, plans[n])
		}
		out = append(out, o)
	}
	return out
})

func rows(table string) [][]string {
	r := csv.NewReader(strings.NewReader(table))
	r.Comment = '#'
	all, err := r.ReadAll()
	if err != nil {
		panic("embedded offers table: " + err.Error()) // a build that carries a broken table must not start
	}
	return all
}

// Offers is the whole catalogue.
func Offers() []*Offer { return offers() }

// OfferBySKU finds an offer by its skuId.
func OfferBySKU(sku string) (*Offer, bool) {
	return find(func(o *Offer) bool { return strings.EqualFold(o.SKU, sku) })
}

// OfferByPart finds an offer by its skuPartNumber.
func OfferByPart(part string) (*Offer, bool) {
	return find(func(o *Offer) bool { return o.PartNumber == part })
}

// OfferByKey finds an offer by Partner Center's product and SKU.
func OfferByKey(product, sku string) (*Offer, bool) {
	return find(func(o *Offer) bool { return o.ProductID == product && o.SkuID == sku })
}

func offerByLegacyID(id string) (*Offer, bool) {
	return find(func(o *Offer) bool { return strings.EqualFold(o.LegacyID(), id) })
}

func find(fits func(*Offer) bool) (*Offer, bool) {
	for _, o := range offers() {
		if fits(o) {
			return o, true
		}
	}
	return nil, false
}

// Availability is the offer's present availability id.
func (c *Cloud) Availability(o *Offer) string {
	c.enter()
	defer c.leave()
	return c.availability(o)
}

func (c *Cloud) availability(o *Offer) string {
	if newer, ok := c.rotated[o.Key()]; ok {
		return newer
	}
	return o.first
}

// RotateAvailability gives the offer a new availability id; orders that name the
// old one are refused from now on.
func (c *Cloud) RotateAvailability(o *Offer) string {
	c.enter()
	defer c.leave()
	c.rotated[o.Key()] = "CFQ7TTC0" + strings.ToUpper(strings.ReplaceAll(c.newID(), "-", "")[:4])
	return c.rotated[o.Key()]
}

// CatalogItem is "product:sku:availability" of the offer now.
func (c *Cloud) CatalogItem(o *Offer) string {
	c.enter()
	defer c.leave()
	return c.catalogItem(o)
}

func (c *Cloud) catalogItem(o *Offer) string { return o.Key() + ":" + c.availability(o) }

// resolve finds the offer that a catalogue item id names, as Partner Center would.
func (c *Cloud) resolve(item string, o Origin) (*Offer, *Refusal) {
	parts := strings.Split(item, ":")
	if len(parts) != 3 {
		return nil, refuse(400, "800004", "The offer id %q is invalid.", item)
	}
	offer, ok := OfferByKey(parts[0], parts[1])
	if !ok {
		return nil, refuse(404, "400018", "The SKU was not found.")
	}
	if c.availability(offer) != parts[2] || c.roll(StaleAvailability, o) {
		return nil, refuse(404, "400019", "The availability was not found.")
	}
	return offer, nil
}
