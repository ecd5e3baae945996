// Checks Kubernetes manifests without a cluster: it decodes them into the types of the API, and fails on fields that are
// unknown, repeated or of a wrong type, and on names in pods that nothing has.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	strict "sigs.k8s.io/yaml"
)

// kinds has what the manifests may use, by `apiVersion kind`.
var kinds = map[string]func() any{
	"apps/v1 Deployment":            func() any { return new(apps.Deployment) },
	"apps/v1 StatefulSet":           func() any { return new(apps.StatefulSet) },
	"networking.k8s.io/v1 Ingress":  func() any { return new(networking.Ingress) },
	"policy/v1 PodDisruptionBudget": func() any { return new(policy.PodDisruptionBudget) },
	"v1 Service":                    func() any { return new(core.Service) },
}

func main() {
	hasFailed := false
	for _, path := range os.Args[1:] {
		if err := check(path); err != nil {
			fmt.Printf("%s: %v\n", path, err)
			hasFailed = true
		}
	}
	if hasFailed {
		os.Exit(1)
	}
}

func check(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	documents := yaml.NewYAMLReader(bufio.NewReader(file))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := decode(document); err != nil {
			return err
		}
	}
}

func decode(document []byte) error {
	var head meta.TypeMeta
	if err := strict.Unmarshal(document, &head); err != nil {
		return err
	}
	create, isKnown := kinds[head.APIVersion+" "+head.Kind]
	if !isKnown {
		return fmt.Errorf("%q of %q is no kind that is checked here", head.Kind, head.APIVersion)
	}
	object := create()
	if err := strict.UnmarshalStrict(document, object); err != nil {
		return fmt.Errorf("%s: %w", head.Kind, err)
	}
	switch object := object.(type) {
	case *apps.Deployment:
		return checkPods(object.Spec.Selector, object.Spec.Template)
	case *apps.StatefulSet:
		return checkPods(object.Spec.Selector, object.Spec.Template, object.Spec.VolumeClaimTemplates...)
	default:
		return nil
	}
}
