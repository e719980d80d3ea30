package temporalserver

import (
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

const (
	clusterName = "active"
	clusterID   = "7d9f1f0e-3f0c-4d53-9a3d-0f7c1c5be5a1" // recorded in data files: do not change
	storeName   = "sqlite"
)

// serverConfig is the static configuration: one host, one shard, one database, no archive, no
// metrics, no profiler.
func serverConfig(p *ports, store *config.SQL) *config.Config {
	frontend := p.frontend.addr()
	c := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     storeName,
			VisibilityStore:  storeName,
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{storeName: {SQL: store}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {
				Enabled:                true,
				InitialFailoverVersion: 1,
				RPCAddress:             frontend,
				ClusterID:              clusterID,
			}},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: frontend},
		Services:            map[string]config.Service{"frontend": service(p.frontend)},
	}
	for name, port := range p.inner {
		c.Services[name] = service(port)
	}
	c.Global.Membership = config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: p.frontend.ip}
	c.Archival.History.State = "disabled"
	c.Archival.Visibility.State = "disabled"
	c.NamespaceDefaults.Archival.History.State = "disabled"
	c.NamespaceDefaults.Archival.Visibility.State = "disabled"
	return c
}

func service(p *port) config.Service {
	return config.Service{RPC: config.RPC{GRPCPort: p.number, BindOnIP: p.ip}}
}

// pollsPerSecond is how often the only shard may look for work of each kind.
const pollsPerSecond = 1000

func serverOptions(c *config.Config, log *logger) []temporal.ServerOption {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, service := range c.Services {
		p := port{ip: service.RPC.BindOnIP, number: service.RPC.GRPCPort}
		hosts[primitives.ServiceName(name)] = static.SingleLocalHost(p.addr())
	}
	return []temporal.ServerOption{
		temporal.WithConfig(c),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithLogger(log),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper {
			return authorization.NewNoopClaimMapper()
		}),
		temporal.WithDynamicConfigClient(dynamicconfig.StaticClient{
			// Nothing here calls home.
			dynamicconfig.EnableServerVersionCheck.Key(): false,
			// Lists and counts of workflows are asked for more often than the ten times a second
			// of production: by pages that follow by themselves, and by tests.
			dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 1000,
			// One shard, and a process that should stay small.
			dynamicconfig.HistoryCacheHostLevelMaxSize.Key(): 8096,
			// A shard looks for what it has to do twenty times a second at most, which a cluster makes up for by having many of
			// them. With one, every step of every workflow would wait for up to 50 ms.
			dynamicconfig.TransferProcessorMaxPollRPS.Key():   pollsPerSecond,
			dynamicconfig.TimerProcessorMaxPollRPS.Key():      pollsPerSecond,
			dynamicconfig.VisibilityProcessorMaxPollRPS.Key(): pollsPerSecond,
			dynamicconfig.OutboundProcessorMaxPollRPS.Key():   pollsPerSecond,
		}),
	}
}
