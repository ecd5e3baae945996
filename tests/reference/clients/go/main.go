// Uses the client that oapi-codegen generates: go run . URL KEY. Prints what the service answered, as JSON.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"

	"example.com/user/tidings"
)

func authorize(key string) tidings.ClientOption {
	return tidings.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+key)
		return nil
	})
}

// must returns the value, or stops the program.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	url, key, ctx := os.Args[1], os.Args[2], context.Background()
	client := must(tidings.NewClientWithResponses(url, authorize(key)))
	stranger := must(tidings.NewClientWithResponses(url, authorize("a-wrong-key")))

	target, id, ttl, everyone := "alexander", "duel-1", int64(4_000_000_000), true
	var one, many tidings.NotifyOneOrMany
	must(0, one.FromNotify(tidings.Notify{Target: &target, Data: map[string]any{"n": 1}, Id: &id, Ttl: &ttl}))
	must(0, many.FromNotifyMany(tidings.NotifyMany{{Targets: &[]string{"burr", "eliza"}}, {Everyone: &everyone}}))

	token := must(client.IssueTokenWithResponse(ctx, tidings.TokenRequest{Target: target}))
	accepted := must(must(client.NotifyWithResponse(ctx, nil, one)).JSON202.AsAccepted())
	several := must(must(client.NotifyWithResponse(ctx, nil, many)).JSON202.AsAcceptedMany())
	report := must(client.DeliveryReportWithResponse(ctx, accepted.Id)).JSON200
	kept := must(client.ListNotificationsWithResponse(ctx, target, nil)).JSON200
	refused := must(stranger.NotifyWithResponse(ctx, nil, one))

	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"health":   must(client.HealthzWithResponse(ctx)).JSON200.Status,
		"token":    token.JSON200.Token != "",
		"id":       accepted.Id,
		"accepted": len(several.Notifications),
		"everyone": several.Notifications[2].Target == nil,
		"sent":     report.Sent,
		"unacked":  report.FirstAckMs == nil,
		"kept":     kept.Notifications[0].Data,
		"closed":   must(client.CloseConnectionsWithResponse(ctx, target)).JSON200.Closed,
		"problem":  refused.ApplicationproblemJSON401.Type,
	})
}
