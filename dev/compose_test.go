package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"go.temporal.io/server/common/dynamicconfig"

	"uplift/internal/config"
)

// composeProject loads the file as Docker Compose does, with an environment of our own.
func composeProject(t *testing.T, env ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../docker-compose.yml"},
		cli.WithEnv(env), cli.WithProfiles([]string{"*"}), cli.WithInterpolation(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestComposeServices(t *testing.T) {
	project := composeProject(t)
	want := []string{
		"mailpit", "postgresql", "secrets", "starter", "temporal", "temporal-namespace", "temporal-schema", "temporal-ui", "worker",
	}
	if got := project.ServiceNames(); !slices.Equal(got, want) {
		t.Errorf("services %v, want %v", got, want)
	}
	// Those that others wait for, and those that people open, say when they are ready.
	for _, name := range []string{"mailpit", "postgresql", "starter", "temporal", "temporal-ui"} {
		if project.Services[name].HealthCheck == nil {
			t.Errorf("%s has no health check", name)
		}
	}
	for name, service := range project.Services {
		for other, how := range service.DependsOn {
			if how.Condition == types.ServiceConditionStarted {
				t.Errorf("%s does not wait until %s is ready", name, other)
			}
		}
	}
}

func TestComposeImages(t *testing.T) {
	exact := regexp.MustCompile(`^[a-z0-9/.-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$`)
	modules := read(t, "go.mod")
	for name, service := range composeProject(t).Services {
		if service.Build != nil {
			if service.Image != "uplift:local" {
				t.Errorf("%s is built as %q", name, service.Image)
			}
			continue
		}
		if !exact.MatchString(service.Image) {
			t.Errorf("%s: image %q is not pinned to a version", name, service.Image)
		}
		// What is tried out here is what runs there.
		for image, module := range map[string]string{
			"temporalio/server": "go.temporal.io/server", "temporalio/admin-tools": "go.temporal.io/server",
			"temporalio/ui": "github.com/temporalio/ui-server/v2",
		} {
			if version, ok := strings.CutPrefix(service.Image, image+":"); ok && !strings.Contains(modules, module+" v"+version+"\n") {
				t.Errorf("%s: image %s and the module %s of dev/go.mod differ", name, service.Image, module)
			}
		}
	}
	for line := range strings.Lines(read(t, "../Dockerfile")) {
		if from, ok := strings.CutPrefix(line, "FROM "); ok {
			image := strings.Fields(strings.TrimPrefix(from, "--platform=$BUILDPLATFORM "))[0]
			if image != "scratch" && !exact.MatchString(image) {
				t.Errorf("Dockerfile: image %q is not pinned to a version", image)
			}
		}
	}
}

func TestComposePortsAreLoopback(t *testing.T) {
	published := 0
	for name, service := range composeProject(t).Services {
		// The starter alone shares the host's network, since its codec endpoint answers this machine only.
		if service.Privileged || service.NetworkMode == "host" && (name != "starter" || environment(service, "UPLIFT_LISTEN") != "127.0.0.1:8080") {
			t.Errorf("%s is not contained", name)
		}
		for _, port := range service.Ports {
			published++
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
			}
		}
	}
	if published < 3 {
		t.Errorf("%d ports are published, which is too few to have been looked at", published)
	}
}

// TestComposeSettings holds that each program is given every setting that it needs and none that it
// does not have, which would silently do nothing.
func TestComposeSettings(t *testing.T) {
	// As an operator would fill them in: a variable without a value is not passed on otherwise.
	var env []string
	for _, name := range regexp.MustCompile(`(?m)^ +(UPLIFT_[A-Z_]+):$`).FindAllStringSubmatch(read(t, "../docker-compose.yml"), -1) {
		env = append(env, name[1]+"=given")
	}
	services := composeProject(t, env...).Services
	for name, role := range map[string]config.Role{"worker": config.Worker, "starter": config.Serve} {
		set := map[string]bool{}
		for variable, value := range services[name].Environment {
			set[variable] = true
			if strings.HasSuffix(variable, "_FILE") && !strings.HasPrefix(*value, "/run/secrets/") {
				t.Errorf("%s: %s is no secret: %s", name, variable, *value)
			}
		}
		has := map[string]bool{}
		for _, setting := range config.Reference(role) {
			has[setting.Env] = true
			// The credential is needed in one of three forms, of which the file is the one used here.
			if setting.Required && setting.Env != "UPLIFT_CLIENT_SECRET" && !set[setting.Env] {
				t.Errorf("%s is not given %s, which it needs", name, setting.Env)
			}
		}
		for variable := range set {
			if strings.HasPrefix(variable, "UPLIFT_") && !has[variable] {
				t.Errorf("%s is given %s, which is no setting of it", name, variable)
			}
		}
	}
}

// TestComposeSecrets holds that every secret is a file of the folder secrets, that each is mounted by
// somebody, that no service is given one it does not have, and that nothing secret is committed.
func TestComposeSecrets(t *testing.T) {
	project := composeProject(t)
	mounted := map[string]bool{}
	for name, service := range project.Services {
		for _, secret := range service.Secrets {
			mounted[secret.Source] = true
		}
		for variable, value := range service.Environment {
			secret := strings.Contains(variable, "PASSWORD") || strings.Contains(variable, "PWD") || strings.Contains(variable, "SECRET")
			if secret && value != nil && !strings.HasPrefix(*value, "/run/secrets/") {
				t.Errorf("%s has the secret %s in its environment", name, variable)
			}
		}
	}
	maker := read(t, "../deploy/secrets/main.go")
	for name, secret := range project.Secrets {
		if filepath.Base(filepath.Dir(secret.File)) != "secrets" || filepath.Base(secret.File) != name {
			t.Errorf("secret %s is %s", name, secret.File)
		}
		if !mounted[name] {
			t.Errorf("secret %s is mounted nowhere", name)
		}
		if !strings.Contains(maker, `{"`+name+`", `) {
			t.Errorf("deploy/secrets does not make %s", name)
		}
	}
	if got := read(t, "../secrets/.gitignore"); !strings.Contains(got, "\n*\n!.gitignore\n") {
		t.Errorf("secrets/.gitignore lets files in:\n%s", got)
	}
	if !slices.Contains(strings.Fields(read(t, "../.dockerignore")), "secrets") {
		t.Error(".dockerignore lets secrets into the image")
	}
}

// TestComposeMounts holds that every bind mount stands under a comment that says what it is, and is
// in the repository.
func TestComposeMounts(t *testing.T) {
	lines := strings.Split(read(t, "../docker-compose.yml"), "\n")
	mounts := 0
	for i, line := range lines {
		if strings.Contains(line, "type: bind") {
			mounts++
			if !strings.HasPrefix(strings.TrimSpace(lines[i-1]), "# ") {
				t.Errorf("line %d: no word about this mount", i+1)
			}
		}
	}
	for name, service := range composeProject(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			mounts--
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !volume.ReadOnly && name != "secrets" {
				t.Errorf("%s can write to %s", name, volume.Source)
			}
		}
	}
	if mounts != 0 {
		t.Error("bind mounts are written in a form that this test does not read")
	}
}

// TestTemporalDeployment holds that a deployment's Temporal is set up as the one that we test with.
func TestTemporalDeployment(t *testing.T) {
	script := read(t, "../deploy/temporal-namespace.sh")
	made := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^attribute (\w+) (\w+)$`).FindAllStringSubmatch(script, -1) {
		made[m[1]] = m[2]
	}
	for name, kind := range searchAttributes {
		if made[name] != kind.String() {
			t.Errorf("search attribute %s is %q in the deployment, not %s", name, made[name], kind)
		}
	}
	if len(made) != len(searchAttributes) {
		t.Errorf("the deployment makes %d search attributes, the workflows know %d", len(made), len(searchAttributes))
	}
	loaded := dynamicconfig.LoadYamlFile([]byte(read(t, "../deploy/temporal-dynamic.yaml")))
	if len(loaded.Errors)+len(loaded.Warnings) > 0 {
		t.Errorf("temporal-dynamic.yaml: %v %v", loaded.Errors, loaded.Warnings)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func environment(s types.ServiceConfig, name string) string {
	if value := s.Environment[name]; value != nil {
		return *value
	}
	return ""
}
