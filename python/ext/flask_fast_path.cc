#include "python/ext/flask_fast_path.h"

#include <utility>

#include "python/ext/client.h"
#include "python/ext/environ.h"
#include "python/ext/interpreter_exit.h"
#include "python/ext/recording.h"

namespace nb = nanobind;

namespace apitoolkit::python {
namespace {

// An attribute's name, made once and interned.
using Name = EnvironKey;
constinit Name kApp{"app"};
constinit Name kCallOnClose{"call_on_close"};
constinit Name kDirectPassthrough{"direct_passthrough"};
constinit Name kEnviron{"environ"};
constinit Name kFinish{"finish"};
constinit Name kHeaders{"headers"};
constinit Name kPublishMessage{"publish_message"};
constinit Name kRequest{"request"};
constinit Name kResponse{"response"};
constinit Name kRule{"rule"};
constinit Name kStatusCode{"status_code"};
constinit Name kUrlRule{"url_rule"};
constinit Name kViewArgs{"view_args"};

// Null, with no error set, where there is no such attribute.
nb::object get(PyObject* object, Name& name) {
  PyObject* value = run_python([&] { return PyObject_GetAttr(object, name.str()); });
  if (value == nullptr) PyErr_Clear();
  return nb::steal(value);
}

// The request context in progress, or null.
nb::object current_context(const PyClient& client) {
  PyObject* context = nullptr;
  const nb::object& variable = client.fast_path().context_variable;
  if (!variable.is_valid() || PyContextVar_Get(variable.ptr(), nullptr, &context) != 0) {
    PyErr_Clear();
    return {};
  }
  return nb::steal(context);
}

// Whether somebody put a publish_message of their own into the toolkit or a class of it.
bool publishes_itself(const PyClient& client, PyObject* toolkit) {
  PyObject* method = _PyType_Lookup(Py_TYPE(toolkit), kPublishMessage.str());  // borrowed
  if (method != client.fast_path().publish_message.ptr()) return true;
  const nb::object members = nb::steal(PyObject_GenericGetDict(toolkit, nullptr));
  if (!members.is_valid()) {
    PyErr_Clear();
    return true;
  }
  return environ_get(members.ptr(), kPublishMessage) != nullptr;
}

bool is_watched(const PyClient& client, PyObject* context) {
  const nb::object& watched = client.fast_path().watched_app;
  if (!watched.is_valid()) return false;
  const nb::object app = get(context, kApp);
  return app.is_valid() && PyWeakref_GetObject(watched.ptr()) == app.ptr();
}

// Whether it was done.
bool before_request(nb::handle self, nb::handle toolkit) {
  PyClient& client = nb::cast<PyClient&>(self);
  const nb::object context = current_context(client);
  if (!context.is_valid() || !is_watched(client, context.ptr()) ||
      publishes_itself(client, toolkit.ptr())) {
    return false;
  }
  const nb::object request = get(context.ptr(), kRequest);
  if (!request.is_valid()) return false;
  nb::object environ = get(request.ptr(), kEnviron);
  if (!environ.is_valid() || !PyDict_CheckExact(environ.ptr())) return false;
  begin_recording_timed(self, nb::borrow<nb::dict>(environ), true);
  return true;
}

enum class Outcome { kNotPlain, kDone, kHasLog };

Outcome after_request(nb::handle self, nb::handle toolkit, nb::handle response) {
  const std::int64_t entered_ns = steady_now_ns();
  PyClient& client = nb::cast<PyClient&>(self);
  const nb::object context = current_context(client);
  if (!context.is_valid() || publishes_itself(client, toolkit.ptr())) return Outcome::kNotPlain;
  const nb::object request = get(context.ptr(), kRequest);
  if (!request.is_valid()) return Outcome::kNotPlain;
  const nb::object environ = get(request.ptr(), kEnviron);
  if (!environ.is_valid() || !PyDict_CheckExact(environ.ptr())) return Outcome::kNotPlain;
  const nb::object found = nb::borrow(recording_in(environ.ptr()));
  Recording* recording = nullptr;
  if (!found.is_valid() || found.is_none() || !nb::try_cast(found, recording) ||
      !recording->client().is(self) || recording->lacks_request_body()) {
    return Outcome::kNotPlain;
  }
  nb::object body = get(response.ptr(), kResponse);
  if (!body.is_valid() || !PyList_CheckExact(body.ptr()) ||
      get(response.ptr(), kDirectPassthrough).ptr() != Py_False) {
    return Outcome::kNotPlain;
  }
  const nb::object status = get(response.ptr(), kStatusCode);
  nb::object headers = get(response.ptr(), kHeaders);
  nb::object view_args = get(request.ptr(), kViewArgs);
  const nb::object url_rule = get(request.ptr(), kUrlRule);
  nb::object rule = url_rule.is_valid() ? get(url_rule.ptr(), kRule) : nb::object();
  const nb::object finish = get(found.ptr(), kFinish);
  if (!status.is_valid() || !PyLong_Check(status.ptr()) || !headers.is_valid() ||
      !finish.is_valid()) {
    return Outcome::kNotPlain;
  }
  if (!view_args.is_valid()) view_args = nb::none();
  if (!rule.is_valid()) rule = nb::none();
  const bool has_log =
      recording->respond(std::move(rule), std::move(view_args), nb::cast<int>(status),
                         std::move(headers), std::move(body));
  const nb::object added = nb::steal(run_python(
      [&] { return PyObject_CallMethodOneArg(response.ptr(), kCallOnClose.str(), finish.ptr()); }));
  if (!added.is_valid()) throw nb::python_error();
  recording->spent(steady_now_ns() - entered_ns);
  return has_log ? Outcome::kHasLog : Outcome::kDone;
}

}  // namespace

void bind_flask_fast_path(nb::module_& module) {
  nb::class_<PyClient> client = nb::borrow<nb::class_<PyClient>>(module.attr("Client"));
  client
      .def("open_fast_path",
           [](PyClient& self, nb::object context_variable, nb::object publish_message) {
             self.fast_path().context_variable = std::move(context_variable);
             self.fast_path().publish_message = std::move(publish_message);
           })
      .def("watches_app",
           [](PyClient& self, nb::object app) { self.fast_path().watched_app = std::move(app); })
      .def("before_flask_request", &before_request)
      .def("after_flask_request", [](nb::handle self, nb::handle toolkit, nb::handle response) {
        return static_cast<int>(after_request(self, toolkit, response));
      });
}

}  // namespace apitoolkit::python
