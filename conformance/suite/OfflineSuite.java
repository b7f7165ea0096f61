import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.opengis.cite.ogcapiprocesses10.TestNGController;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Runs the official suite against one server, with the documents of schemas.opengis.net taken from a folder and every
 * other address outside refused. Prints a line for each test: outcome, class and method, first line of the message.
 */
public class OfflineSuite {
    /** Root of the API, id of the echo process, folder for the suite's own report, folder of the schemas. */
    public static void main(String[] args) throws Exception {
        answerSchemasFrom(Path.of(args[3]).toRealPath(), new URL(args[0]).getHost());
        DocumentBuilder documents = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        Document run = documents.newDocument();
        Element root = run.createElement("properties");
        root.setAttribute("version", "1.0");
        run.appendChild(root);
        entry(root, "iut", args[0]);
        entry(root, "echoprocessid", args[1]);
        PrintStream lines = System.out;
        // The suite writes every exchange to the standard output.
        System.setOut(System.err);
        String report = new TestNGController(args[2]).doTestRun(run).getSystemId();
        NodeList methods = documents.parse(report).getElementsByTagName("test-method");
        for (int i = 0; i < methods.getLength(); i++) print(lines, (Element) methods.item(i));
        lines.println("REPORT\t" + Path.of(URI.create(report)) + "\t");
        // Threads of the suite's HTTP clients would keep the program alive.
        System.exit(0);
    }

    private static void entry(Element root, String key, String value) {
        Element entry = root.getOwnerDocument().createElement("entry");
        entry.setAttribute("key", key);
        entry.setTextContent(value);
        root.appendChild(entry);
    }

    private static void print(PrintStream lines, Element method) {
        boolean isSetUp = method.getAttribute("is-config").equals("true");
        String status = method.getAttribute("status");
        // Of set-up only what went wrong is of interest.
        if (isSetUp && !status.equals("FAIL")) return;
        String type = ((Element) method.getParentNode()).getAttribute("name");
        NodeList messages = method.getElementsByTagName("message");
        String message = messages.getLength() == 0
                ? ""
                : messages.item(0).getTextContent().strip().lines().findFirst().orElse("");
        lines.println((isSetUp ? "SETUP" : status) + "\t" + type.substring(type.lastIndexOf('.') + 1) + "."
                + method.getAttribute("name") + "\t" + message.replace('\t', ' '));
    }

    private static void answerSchemasFrom(Path schemas, String server) throws Exception {
        Map<String, URL> builtIn =
                Map.of("http", new URL("http://localhost/"), "https", new URL("https://localhost/"));
        URL.setURLStreamHandlerFactory(scheme -> !builtIn.containsKey(scheme) ? null : new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) throws IOException {
                if (url.getHost().equals("schemas.opengis.net")) {
                    Path file = schemas.resolve(url.getPath().substring(1)).normalize();
                    System.err.println("schema " + url + (Files.isRegularFile(file) ? "" : " MISSING"));
                    if (!file.startsWith(schemas)) throw new FileNotFoundException(url.toString());
                    return file.toUri().toURL().openConnection();
                }
                boolean isServer = url.getHost().equals(server);
                if (!isServer && !InetAddress.getByName(url.getHost()).isLoopbackAddress())
                    throw new IOException("refused: " + url);
                return new URL(builtIn.get(scheme), url.toExternalForm()).openConnection();
            }
        });
    }
}
