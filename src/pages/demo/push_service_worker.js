/** The service worker of the demo page: it shows pushes, and leads a click to the page. */

importScripts("../../push_worker.js");
