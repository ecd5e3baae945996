package main

import (
	"fmt"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// checkPods finds names in a template of pods that nothing has, which the API refuses or which never work.
func checkPods(selector *meta.LabelSelector, template core.PodTemplateSpec, claims ...core.PersistentVolumeClaim) error {
	for name, value := range selector.MatchLabels {
		if template.Labels[name] != value {
			return fmt.Errorf("the selector asks for the label %s=%s, which the pods do not have", name, value)
		}
	}
	volumes := map[string]bool{}
	for _, volume := range template.Spec.Volumes {
		volumes[volume.Name] = true
	}
	for _, claim := range claims {
		volumes[claim.Name] = true
	}
	for _, container := range template.Spec.Containers {
		for _, mount := range container.VolumeMounts {
			if !volumes[mount.Name] {
				return fmt.Errorf("the container %s mounts the volume %s, which does not exist", container.Name, mount.Name)
			}
		}
		for _, probe := range []*core.Probe{container.ReadinessProbe, container.LivenessProbe, container.StartupProbe} {
			if probe != nil && probe.HTTPGet != nil && !hasPort(container, probe.HTTPGet.Port) {
				return fmt.Errorf("a probe of %s asks the port %s, which does not exist", container.Name, probe.HTTPGet.Port.String())
			}
		}
	}
	return nil
}

func hasPort(container core.Container, port intstr.IntOrString) bool {
	for _, known := range container.Ports {
		if (port.StrVal != "" && known.Name == port.StrVal) || known.ContainerPort == port.IntVal {
			return true
		}
	}
	return false
}
