#include "src/cli/traffic_catalogue.h"

#include <array>

namespace apitoolkit::cli {
namespace {

constexpr std::string_view kStorefront = "storefront";
constexpr std::string_view kOrders = "orders";
constexpr std::string_view kAccounts = "accounts";
constexpr std::string_view kSearch = "search";

// --- Shapes ---

constexpr std::string_view kProduct =
    R"({"id":@this,"sku":"@sku","name":"@product_name","description":"@sentence","price":)"
    R"({"amount":@price,"currency":"@currency"},"stock":@quantity,"rating":@rating,)"
    R"("tags":["@tag","@tag"],"updated_at":"@past","variants":[@{{"id":@id,"sku":"@sku","color":)"
    R"("@adjective","price":@price,"available":@bool}}]})";
constexpr std::string_view kProducts =
    R"({"data":[@{{"id":@product_id,"sku":"@sku","name":"@product_name","price":{"amount":@price,)"
    R"("currency":"@currency"},"stock":@quantity,"rating":@rating,"tags":["@tag","@tag"],)"
    R"("updated_at":"@past"}}],"page":@page,"per_page":20,"total":@id})";
constexpr std::string_view kOrder =
    R"({"id":@this,"number":"@uuid","status":"@status","user":{"id":@user_id,"name":"@user_name",)"
    R"("email":"@user_email"},"items":[@{{"product_id":@product_id,"name":"@product_name",)"
    R"("quantity":@quantity,"price":@price,"options":[{"name":"color","value":"@adjective"}]}}],)"
    R"("total":@amount,"currency":"@currency","shipping":{"street":"@street","city":"@city",)"
    R"("country":"@country"},"created_at":"@past","updated_at":"@now"})";
constexpr std::string_view kOrders_ =
    R"({"data":[@{{"id":@id,"number":"@uuid","status":"@status","total":@amount,"currency":)"
    R"("@currency","items":@quantity,"created_at":"@past"}}],"user":{"id":@user_id},"page":@page,)"
    R"("next":null})";
constexpr std::string_view kNewOrder =
    R"({"user":{"id":@user_id,"name":"@user_name","email":"@user_email"},"items":[@{{"product_id":)"
    R"(@product_id,"quantity":@quantity,"price":@price}}],"shipping":{"street":"@street","city":)"
    R"("@city","country":"@country"},"payment":{"method":"card","token":"@token"},"note":"@sentence"})";
constexpr std::string_view kCart =
    R"({"id":"@uuid","user":{"id":@user_id},"lines":[@{{"id":@id,"product_id":@product_id,"name":)"
    R"("@product_name","quantity":@quantity,"price":@price,"added_at":"@past"}}],"subtotal":@amount,)"
    R"("currency":"@currency","expires_at":"@now"})";
constexpr std::string_view kCartLine =
    R"({"user":{"id":@user_id},"lines":[@{{"product_id":@product_id,"quantity":@quantity,)"
    R"("options":[{"name":"color","value":"@adjective"},{"name":"gift","value":@bool}]}}]})";
constexpr std::string_view kUser =
    R"({"id":@user_id,"name":"@user_name","email":"@user_email","plan":"@tag","verified":@bool,)"
    R"("created_at":"@past","addresses":[@{{"id":@id,"street":"@street","city":"@city","country":)"
    R"("@country","is_default":@bool}}]})";
constexpr std::string_view kUsers =
    R"({"data":[@{{"id":@user_id,"name":"@user_name","email":"@user_email","created_at":"@past"}}],)"
    R"("page":@page,"total":@id})";
constexpr std::string_view kProfile =
    R"({"user":{"id":@user_id,"name":"@user_name","email":"@user_email"},"preferences":[@{{"name":)"
    R"("@tag","value":"@adjective","enabled":@bool}}]})";
constexpr std::string_view kSession =
    R"({"user":{"id":@user_id,"email":"@user_email"},"password":"[CLIENT_REDACTED]","device":)"
    R"({"id":"@uuid","name":"@tag"},"scopes":[@{"@tag:@status"}]})";
constexpr std::string_view kSessionMade =
    R"({"session":"@uuid","user":{"id":@user_id,"name":"@user_name"},"expires_at":"@now",)"
    R"("grants":[@{{"resource":"@tag","actions":["read","@status"]}}]})";
constexpr std::string_view kReviews =
    R"({"product_id":@this,"average":@rating,"data":[@{{"id":@id,"user":{"id":@user_id,"name":)"
    R"("@user_name"},"rating":@rating,"text":"@sentence","created_at":"@past"}}]})";
constexpr std::string_view kReview =
    R"({"user":{"id":@user_id},"rating":@rating,"title":"@adjective @tag","paragraphs":[@{"@sentence"}]})";
constexpr std::string_view kHits =
    R"({"query":"@adjective @noun","took_ms":@quantity,"hits":[@{{"id":@product_id,"score":@rating,)"
    R"("name":"@product_name","highlight":"@adjective <em>@noun</em>"}}],"facets":[{"name":"brand",)"
    R"("values":["@tag","@tag"]}]})";
constexpr std::string_view kStock =
    R"({"data":[@{{"sku":"@sku","warehouse":"@city","on_hand":@quantity,"reserved":@quantity,)"
    R"("counted_at":"@past"}}]})";
constexpr std::string_view kShipment =
    R"({"id":"@uuid","order_id":@this,"carrier":"@tag","tracking":"@token","status":"@status",)"
    R"("events":[@{{"at":"@past","place":"@city","status":"@status","note":"@sentence"}}]})";
constexpr std::string_view kEvents =
    R"({"session":"@uuid","user":{"id":@user_id},"events":[@{{"name":"@status","at":"@past",)"
    R"("properties":{"product_id":@product_id,"position":@quantity,"list":"@tag"}}}]})";
constexpr std::string_view kInvoices =
    R"({"data":[@{{"id":"@uuid","order_id":@id,"amount":@amount,"tax":@price,"currency":"@currency",)"
    R"("issued_at":"@past","paid":@bool}}],"page":@page})";
constexpr std::string_view kCharge =
    R"({"amount":@amount,"currency":"@currency","source":"@token","metadata":{"order":"@uuid",)"
    R"("user":{"id":@user_id}},"lines":[@{{"description":"@product_name","amount":@price}}]})";
constexpr std::string_view kCharged =
    R"({"id":"ch_@token","status":"succeeded","amount":@amount,"currency":"@currency","created":)"
    R"("@now","fees":[@{{"type":"@tag","amount":@price}}]})";
constexpr std::string_view kAccepted = R"({"accepted":true,"id":"@uuid"})";

// --- Endpoints, by popularity ---

constexpr std::array<TrafficEndpoint, 40> kEndpoints{{
    {"GET", "/api/products", "page=@page&sort=@sort", kStorefront, "", kProducts, 18, 0.6, 200, -1},
    {"GET", "/api/products/<int:product_id>", "", kStorefront, "", kProduct, 9, 0.5, 200, 1},
    {"GET", "/api/search", "q=@adjective&page=@page", kSearch, "", kHits, 42, 0.8, 200, -1},
    {"POST", "/api/events", "", kStorefront, kEvents, kAccepted, 3, 0.4, 201, -1},
    {"GET", "/api/carts/<uuid:cart_id>", "", kOrders, "", kCart, 12, 0.5, 200, -1},
    {"POST", "/api/carts/<uuid:cart_id>/lines", "", kOrders, kCartLine, kCart, 22, 0.5, 201, 1},
    {"GET", "/api/me", "", kAccounts, "", kUser, 7, 0.4, 200, -1},
    {"GET", "/api/products/<int:product_id>/reviews", "page=@page", kStorefront, "", kReviews, 25,
     0.7, 200, -1},
    {"POST", "/api/sessions", "", kAccounts, kSession, kSessionMade, 130, 0.3, 201, -1},
    {"GET", "/api/orders", "page=@page", kOrders, "", kOrders_, 35, 0.7, 200, -1},
    {"POST", "/api/orders", "", kOrders, kNewOrder, kOrder, 180, 0.6, 201, 0},
    {"GET", "/api/orders/<int:order_id>", "", kOrders, "", kOrder, 16, 0.5, 200, -1},
    {"PATCH", "/api/carts/<uuid:cart_id>/lines/<int:line_id>", "", kOrders, kCartLine, kCart, 19,
     0.5, 200, -1},
    {"DELETE", "/api/carts/<uuid:cart_id>/lines/<int:line_id>", "", kOrders, "", "", 14, 0.5, 204,
     -1},
    {"GET", "/api/categories", "", kStorefront, "", kProducts, 5, 0.3, 200, -1},
    {"GET", "/api/categories/<slug>/products", "page=@page&sort=@sort", kStorefront, "", kProducts,
     28, 0.6, 200, -1},
    {"GET", "/api/search/suggestions", "q=@noun", kSearch, "", kHits, 8, 0.5, 200, -1},
    {"GET", "/api/orders/<int:order_id>/shipment", "", kOrders, "", kShipment, 31, 0.6, 200, -1},
    {"GET", "/products/<int:product_id>", "", kStorefront, "", "", 1, 0.3, 301, -1},
    {"PUT", "/api/me", "", kAccounts, kProfile, kUser, 24, 0.5, 200, -1},
    {"GET", "/api/recommendations", "user=@user_id", kSearch, "", kHits, 75, 0.9, 200, -1},
    {"POST", "/api/orders/<int:order_id>/payments", "", kOrders, kCharge, kCharged, 240, 0.6, 201,
     0},
    {"GET", "/api/me/addresses", "", kAccounts, "", kUser, 6, 0.4, 200, -1},
    {"POST", "/api/me/addresses", "", kAccounts, kProfile, kUser, 21, 0.5, 201, 3},
    {"DELETE", "/api/sessions/<uuid:session_id>", "", kAccounts, "", "", 8, 0.4, 204, -1},
    {"POST", "/api/products/<int:product_id>/reviews", "", kStorefront, kReview, kReviews, 27, 0.5,
     201, -1},
    {"GET", "/api/inventory", "page=@page", kStorefront, "", kStock, 33, 0.6, 200, -1},
    {"GET", "/api/invoices", "page=@page", kOrders, "", kInvoices, 40, 0.7, 200, -1},
    {"GET", "/api/wishlist", "", kAccounts, "", kProducts, 13, 0.5, 200, -1},
    {"PUT", "/api/wishlist/<int:product_id>", "", kAccounts, kCartLine, kProducts, 17, 0.5, 200,
     -1},
    {"POST", "/api/users", "", kAccounts, kProfile, kUser, 150, 0.4, 201, 2},
    {"POST", "/api/password-resets", "", kAccounts, kSession, "", 60, 0.5, 204, 2},
    {"POST", "/api/orders/<int:order_id>/cancel", "", kOrders, kCartLine, kOrder, 55, 0.6, 200, 0},
    {"GET", "/api/admin/users", "page=@page", kAccounts, "", kUsers, 48, 0.7, 200, -1},
    {"GET", "/api/admin/orders", "page=@page&sort=@sort", kOrders, "", kOrders_, 95, 0.8, 200, -1},
    {"PUT", "/api/admin/products/<int:product_id>", "", kStorefront, kProfile, kProduct, 30, 0.5,
     200, -1},
    {"POST", "/api/admin/products", "", kStorefront, kReview, kProduct, 38, 0.5, 201, -1},
    {"DELETE", "/api/admin/products/<int:product_id>", "", kStorefront, "", "", 20, 0.5, 204, -1},
    {"GET", "/api/admin/reports/sales", "sort=@sort", kOrders, "", kInvoices, 900, 0.9, 200, -1},
    {"POST", "/api/webhooks/payments", "", kOrders, kCharge, "", 11, 0.5, 204, -1},
}};

constexpr std::array<TrafficEndpoint, 4> kOutgoing{{
    {"POST", "/v1/charges", "", "api.payments.example", kCharge, kCharged, 110, 0.5, 200, -1},
    {"GET", "/stock/<int:product_id>", "", "stock.internal:8443", "", kStock, 4, 0.5, 200, -1},
    {"POST", "/v3/mail/send", "", "api.mail.example", kProfile, kAccepted, 65, 0.5, 201, -1},
    {"GET", "/v1/geocode", "q=@adjective", "geo.example", "", kHits, 50, 0.6, 200, -1},
}};

constexpr std::array<TrafficError, 5> kErrors{{
    {"KeyError", "'@sku'", "KeyError", "'@sku'",
     R"(Traceback (most recent call last):\n  File \"/srv/shop/.venv/lib/python3.11/site-packages/)"
     R"(flask/app.py\", line 1484, in full_dispatch_request\n    rv = self.dispatch_request()\n  Fi)"
     R"(le \"/srv/shop/catalogue/views.py\", line 88, in show\n    price = prices[sku]\n            )"
     R"(~~~~~~^^^^^\nKeyError: '@sku'\n)"},
    {"sqlalchemy.exc.OperationalError", "could not connect to server: @city-db-@page",
     "psycopg2.OperationalError", "server closed the connection unexpectedly",
     R"(Traceback (most recent call last):\n  File \"/srv/shop/.venv/lib/python3.11/site-packages/)"
     R"(sqlalchemy/engine/base.py\", line 1965, in _exec_single_context\n    self.dialect.do_execute)"
     R"((\n  File \"/srv/shop/orders/store.py\", line 41, in load\n    return session.get(Order, ord)"
     R"(er_id)\nsqlalchemy.exc.OperationalError: (psycopg2.OperationalError) server closed the conn)"
     R"(ection unexpectedly\n)"},
    {"TimeoutError", "payment @token was not answered in time", "TimeoutError",
     "timed out after 30 s",
     R"(Traceback (most recent call last):\n  File \"/srv/shop/orders/payments.py\", line 132, in c)"
     R"(harge\n    answer = client.post(CHARGES, json=charge, timeout=30)\n  File \"/srv/shop/.venv/)"
     R"(lib/python3.11/site-packages/httpx/_client.py\", line 1144, in post\n    return self.request)"
     R"((\nTimeoutError: timed out after 30 s\n)"},
    {"TypeError", "Cannot read properties of undefined (reading '@tag')", "TypeError",
     "Cannot read properties of undefined (reading '@tag')",
     R"(TypeError: Cannot read properties of undefined (reading '@tag')\n    at priceOf (/srv/orders)"
     R"(/src/cart.js:57:31)\n    at Array.map (<anonymous>)\n    at total (/srv/orders/src/cart.js:7)"
     R"(1:18)\n    at Layer.handle [as handle_request] (/srv/orders/node_modules/express/lib/router/)"
     R"(layer.js:95:5)\n)"},
    {"ValueError", "order @id has no address in @city", "ValueError",
     "order @id has no address in @city",
     R"(Traceback (most recent call last):\n  File \"/srv/shop/orders/views.py\", line 203, in crea)"
     R"(te\n    place(order)\n  File \"/srv/shop/orders/place.py\", line 66, in place\n    raise Valu)"
     R"(eError(f\"order {order.id} has no address in {city}\")\nValueError: order @id has no address)"
     R"( in @city\n)"},
}};

constexpr std::string_view kBadRequest =
    R"({"error":{"code":"bad_request","message":"@sentence","request_id":"@uuid"}})";
constexpr std::string_view kUnauthorized =
    R"({"error":{"code":"unauthorized","message":"the session has expired","request_id":"@uuid"}})";
constexpr std::string_view kNotFound =
    R"({"error":{"code":"not_found","message":"there is no such @noun","request_id":"@uuid"}})";
constexpr std::string_view kUnprocessable =
    R"({"errors":[{"field":"items[0].quantity","code":"@code","message":"@sentence"},{"field":)"
    R"("shipping.city","code":"@code","message":"@sentence"}],"request_id":"@uuid"})";
constexpr std::string_view kFailed =
    R"({"error":{"code":"internal","message":"something went wrong","request_id":"@uuid"}})";

// --- Words ---

constexpr std::array<std::string_view, 48> kFirstNames{
    "Ada",    "Amara", "Anna",  "Aziz",   "Beatriz", "Boris", "Carla",  "Chen",  "Chidi", "Clara",
    "Daniel", "Dina",  "Elias", "Emeka",  "Emma",    "Erik",  "Fatima", "Felix", "Grace", "Hana",
    "Hugo",   "Ines",  "Ivan",  "Jamal",  "Jana",    "Jonas", "Kofi",   "Lena",  "Liam",  "Linh",
    "Luca",   "Maria", "Mei",   "Miguel", "Mina",    "Nadia", "Noah",   "Nora",  "Omar",  "Paula",
    "Ravi",   "Rosa",  "Sami",  "Sara",   "Tariq",   "Vera",  "Yuki",   "Zoe"};
constexpr std::array<std::string_view, 48> kLastNames{
    "Abbas",   "Adeyemi", "Andersson", "Bauer",   "Becker",  "Berg",     "Costa",  "Cruz",
    "Dubois",  "Eze",     "Ferrari",   "Fischer", "Garcia",  "Haddad",   "Hansen", "Ito",
    "Ivanov",  "Jensen",  "Kaya",      "Khan",    "Kim",     "Kowalski", "Kumar",  "Larsen",
    "Lee",     "Lopez",   "Martin",    "Mensah",  "Meyer",   "Moreau",   "Nguyen", "Novak",
    "Okafor",  "Olsen",   "Park",      "Patel",   "Popescu", "Rossi",    "Santos", "Sato",
    "Schmidt", "Silva",   "Singh",     "Smith",   "Tanaka",  "Traore",   "Wagner", "Yilmaz"};
constexpr std::array<std::string_view, 20> kCities{
    "Lagos",  "Berlin", "Lisbon", "Nairobi", "Oslo",   "Lyon",  "Osaka",
    "Accra",  "Madrid", "Pune",   "Austin",  "Bogota", "Cairo", "Dublin",
    "Gdansk", "Hanoi",  "Izmir",  "Quito",   "Turin",  "Zagreb"};
constexpr std::array<std::string_view, 16> kStreets{
    "Allen Avenue",   "Bahnhofstrasse", "Broad Street",  "Calle Mayor",
    "Harbour Road",   "High Street",    "Kenyatta Lane", "Main Street",
    "Market Square",  "Mill Lane",      "Park Road",     "Rua Augusta",
    "Rue de la Paix", "Station Road",   "Via Roma",      "Victoria Street"};
constexpr std::array<std::string_view, 12> kCountries{"NG", "DE", "PT", "KE", "NO", "FR",
                                                      "JP", "GH", "ES", "IN", "US", "CO"};
constexpr std::array<std::string_view, 24> kAdjectives{
    "amber", "black", "blue",   "bright", "copper", "dark",   "fine",  "golden",
    "green", "grey",  "indigo", "ivory",  "light",  "maroon", "olive", "orange",
    "pink",  "plain", "red",    "silver", "soft",   "teal",   "white", "yellow"};
constexpr std::array<std::string_view, 32> kNouns{
    "backpack", "basket", "blanket", "bottle",  "bowl",   "camera",  "candle", "carpet",
    "chair",    "clock",  "cup",     "curtain", "desk",   "drill",   "fan",    "glove",
    "hammer",   "hat",    "jacket",  "kettle",  "ladder", "lamp",    "mirror", "notebook",
    "pan",      "pillow", "scarf",   "shelf",   "shoe",   "speaker", "towel",  "watch"};
constexpr std::array<std::string_view, 10> kStatuses{"pending",   "paid",     "packed", "shipped",
                                                     "delivered", "returned", "viewed", "clicked",
                                                     "added",     "cancelled"};
constexpr std::array<std::string_view, 16> kTags{
    "new",  "sale",    "eco",     "home",   "garden", "kitchen", "travel", "office",
    "kids", "outdoor", "limited", "repair", "gift",   "express", "bulk",   "vintage"};
constexpr std::array<std::string_view, 4> kSorts{"price", "-price", "newest", "rating"};
constexpr std::array<std::string_view, 6> kCodes{"required", "too_small", "too_large",
                                                 "format",   "unknown",   "taken"};
constexpr std::array<std::string_view, 20> kSentences{
    "Arrived two days early and in good order.",
    "The colour is a little darker than in the picture.",
    "Please leave it with the neighbours if nobody is at home.",
    "Quantity must be at least one.",
    "Works as described; the manual could be clearer.",
    "Would buy again.",
    "The zip broke after a week, but the replacement was sent at once.",
    "Made of recycled cotton, washable at forty degrees.",
    "Fits well under a desk and makes hardly any noise.",
    "Handed over to the carrier.",
    "Customs were cleared without questions.",
    "The address could not be found on the first attempt.",
    "A gift for my sister, who loves it.",
    "Too small for what I had in mind.",
    "Sturdy, heavy, and a pleasure to look at.",
    "Comes with two spare batteries and a bag.",
    "Ring twice, the bell is quiet.",
    "The value is not one of those that are allowed.",
    "Good value for the money.",
    "Left at the reception of the office."};
constexpr std::array<std::string_view, 8> kUserAgents{
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36",
    "ShopApp/5.12.0 (iOS 17.5; iPhone15,2)",
    "ShopApp/5.11.3 (Android 14; SM-S918B)",
    "partner-sync/2.3 python-requests/2.32.3"};
constexpr std::array<std::string_view, 6> kLanguages{"en-US,en;q=0.9", "de-DE,de;q=0.9,en;q=0.7",
                                                     "fr-FR,fr;q=0.9", "pt-PT,pt;q=0.9,en;q=0.6",
                                                     "ja-JP,ja;q=0.9", "en-GB,en;q=0.8"};

}  // namespace

std::span<const TrafficEndpoint> traffic_endpoints() {
  return kEndpoints;
}

std::span<const TrafficEndpoint> traffic_outgoing() {
  return kOutgoing;
}

std::span<const TrafficError> traffic_errors() {
  return kErrors;
}

std::string_view traffic_refusal(int status) {
  switch (status) {
    case 401:
      return kUnauthorized;
    case 404:
      return kNotFound;
    case 422:
      return kUnprocessable;
    case 500:
      return kFailed;
    default:
      return kBadRequest;
  }
}

const TrafficWords& traffic_words() {
  static constexpr TrafficWords kWords{kFirstNames, kLastNames, kCities,     kStreets,  kCountries,
                                       kAdjectives, kNouns,     kStatuses,   kTags,     kSorts,
                                       kCodes,      kSentences, kUserAgents, kLanguages};
  return kWords;
}

}  // namespace apitoolkit::cli
