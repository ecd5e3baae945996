// Publishes one notification with Java's own HTTP client, and prints the status of the answer.
// Arguments: the URL, the publisher key, and the version of HTTP: "default" or "HTTP_1_1".

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public class Publisher {
  public static void main(String[] arguments) throws Exception {
    HttpClient.Builder builder = HttpClient.newBuilder();
    if (!arguments[2].equals("default")) builder.version(HttpClient.Version.valueOf(arguments[2]));
    HttpRequest request = HttpRequest.newBuilder(URI.create(arguments[0] + "/v1/notify"))
        .header("Authorization", "Bearer " + arguments[1])
        .POST(HttpRequest.BodyPublishers.ofString("{\"target\":\"alexander\",\"data\":\"from Java\"}"))
        .build();
    System.out.print(builder.build().send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
  }
}
