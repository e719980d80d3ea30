package service

import (
	"context"

	"go.temporal.io/sdk/client"

	"uplift/internal/temporalclient"
)

// Setup brings a Temporal namespace to what Uplift needs, and says what it did.
func Setup(ctx context.Context, c client.Client, namespace string, create bool) ([]string, error) {
	return temporalclient.Setup(ctx, c, temporalclient.SetupOptions{Namespace: namespace, Create: create, Attributes: SearchAttributes()})
}
