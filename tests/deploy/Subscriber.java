// Connects with Java's own WebSocket, and prints the subprotocol and the first message.
// Arguments: the URL of /v1/connect, and a token.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

public class Subscriber {
  public static void main(String[] arguments) throws Exception {
    CompletableFuture<String> first = new CompletableFuture<>();
    WebSocket socket = HttpClient.newHttpClient().newWebSocketBuilder()
        .subprotocols("tidings.v1", "tidings.bearer." + arguments[1])
        .buildAsync(URI.create(arguments[0]), new WebSocket.Listener() {
          private final StringBuilder text = new StringBuilder();

          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean isLast) {
            text.append(part);
            if (isLast) first.complete(text.toString());
            return WebSocket.Listener.super.onText(socket, part, isLast);
          }
        }).join();
    System.out.print(socket.getSubprotocol() + " " + first.join());
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    System.exit(0);
  }
}
