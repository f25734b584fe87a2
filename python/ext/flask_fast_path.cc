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
constinit Name kAfterRequest{"afterRequest"};
constinit Name kApp{"app"};
constinit Name kBeforeRequest{"beforeRequest"};
constinit Name kCallOnClose{"call_on_close"};
constinit Name kDirectPassthrough{"direct_passthrough"};
constinit Name kEnviron{"environ"};
constinit Name kHeaders{"headers"};
constinit Name kOnClose{"_on_close"};
constinit Name kPublishMessage{"publish_message"};
constinit Name kRequest{"request"};
constinit Name kResponse{"response"};
constinit Name kRule{"rule"};
constinit Name kStatusCode{"_status_code"};  // what Werkzeug's property status_code reads
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

// A request of Flask's, as the context in progress has it.
struct Current {
  nb::object request;
  nb::object environ;  // invalid where this is no plain request

  bool read(PyObject* context) {
    request = get(context, kRequest);
    if (!request.is_valid()) return false;
    environ = get(request.ptr(), kEnviron);
    if (environ.is_valid() && !PyDict_CheckExact(environ.ptr())) environ.reset();
    return environ.is_valid();
  }
};

// Whether it was done.
bool before_request(nb::handle self, nb::handle toolkit) {
  PyClient& client = nb::cast<PyClient&>(self);
  const nb::object context = current_context(client);
  if (!context.is_valid() || !is_watched(client, context.ptr()) ||
      publishes_itself(client, toolkit.ptr())) {
    return false;
  }
  Current current;
  if (!current.read(context.ptr())) return false;
  begin_recording(self, client, nb::borrow<nb::dict>(current.environ), true);
  return true;
}

PyObject* finish_recording(PyObject* recording, PyObject* /*unused*/) {
  nb::inst_ptr<Recording>(recording)->finish(true);
  if (PyErr_Occurred() != nullptr) return nullptr;
  Py_RETURN_NONE;
}

PyMethodDef finish_method{"finish", finish_recording, METH_NOARGS, nullptr};

// Has `recording` finished when the server closes `response`. As Werkzeug's call_on_close does,
// where that is what the response has.
bool finish_on_close(const PyClient& client, PyObject* response, PyObject* recording) {
  const nb::object finish = nb::steal(PyCFunction_New(&finish_method, recording));
  if (!finish.is_valid()) return false;
  PyObject* method = _PyType_Lookup(Py_TYPE(response), kCallOnClose.str());  // borrowed
  if (method == client.fast_path().call_on_close.ptr()) {
    const nb::object list = get(response, kOnClose);
    if (list.is_valid() && PyList_CheckExact(list.ptr())) {
      return PyList_Append(list.ptr(), finish.ptr()) == 0;
    }
  }
  return nb::steal(run_python([&] {
           return PyObject_CallMethodOneArg(response, kCallOnClose.str(), finish.ptr());
         }))
      .is_valid();
}

enum class Outcome { kNotPlain, kDone, kHasLog };

// `found` is the recording, of this client.
Outcome respond(const PyClient& client, const nb::object& found, Recording& recording,
                PyObject* request, PyObject* response, std::int64_t entered_ns) {
  if (recording.lacks_request_body()) return Outcome::kNotPlain;
  nb::object body = get(response, kResponse);
  if (!body.is_valid() || !PyList_CheckExact(body.ptr()) ||
      get(response, kDirectPassthrough).ptr() != Py_False) {
    return Outcome::kNotPlain;
  }
  const nb::object status = get(response, kStatusCode);
  nb::object headers = get(response, kHeaders);
  nb::object view_args = get(request, kViewArgs);
  const nb::object url_rule = get(request, kUrlRule);
  nb::object rule = url_rule.is_valid() ? get(url_rule.ptr(), kRule) : nb::object();
  if (!status.is_valid() || !PyLong_Check(status.ptr()) || !headers.is_valid()) {
    return Outcome::kNotPlain;
  }
  if (!view_args.is_valid()) view_args = nb::none();
  if (!rule.is_valid()) rule = nb::none();
  const bool has_log =
      recording.respond(std::move(rule), std::move(view_args), nb::cast<int>(status),
                        std::move(headers), std::move(body), entered_ns);
  if (!finish_on_close(client, response, found.ptr())) throw nb::python_error();
  recording.spent(steady_now_ns() - entered_ns);
  return has_log ? Outcome::kHasLog : Outcome::kDone;
}

Outcome after_request(nb::handle self, nb::handle toolkit, nb::handle response) {
  const std::int64_t entered_ns = steady_now_ns();
  PyClient& client = nb::cast<PyClient&>(self);
  const nb::object context = current_context(client);
  if (!context.is_valid() || publishes_itself(client, toolkit.ptr())) return Outcome::kNotPlain;
  Current current;
  if (!current.read(context.ptr())) return Outcome::kNotPlain;
  const nb::object found = nb::borrow(recording_in(current.environ.ptr()));
  Recording* recording = nullptr;
  if (!found.is_valid() || found.is_none() || !nb::try_cast(found, recording) ||
      !recording->client().is(self)) {
    return Outcome::kNotPlain;
  }
  return respond(client, found, *recording, current.request.ptr(), response.ptr(), entered_ns);
}

// --- init_app: around the application's own full_dispatch_request ---

// What the function that stands in for it is bound to: (toolkit, its client, the application's).
enum : Py_ssize_t { kToolkit, kClient, kOriginal };

// A plain request that is under way; recording is null where the long way is to be taken.
struct Dispatch {
  Current current;
  nb::object object;
  Recording* recording = nullptr;
};

// Whether this was all: also where the request is not to be recorded.
bool begin(PyObject* bound, Dispatch& dispatch) {
  const nb::handle self = PyTuple_GET_ITEM(bound, kClient);
  PyClient& client = *nb::inst_ptr<PyClient>(self);
  const nb::object context = current_context(client);
  if (!context.is_valid() || publishes_itself(client, PyTuple_GET_ITEM(bound, kToolkit)) ||
      !dispatch.current.read(context.ptr())) {
    return false;
  }
  Begun begun = begin_recording(self, client, nb::borrow<nb::dict>(dispatch.current.environ), true);
  dispatch.object = std::move(begun.object);
  dispatch.recording = begun.recording;
  if (dispatch.recording != nullptr || dispatch.object.is_none()) return true;
  Recording* present = nullptr;  // of an adapter around this one
  if (nb::try_cast(dispatch.object, present) && present->client().is(self)) {
    dispatch.recording = present;
  }
  return true;
}

// Runs `function`, which returns whether this was all; else the toolkit's own hook. Whatever
// happens, it is not the application's business; but an exit of the thread goes on.
template <typename Function>
bool handle(PyObject* bound, Name& hook, PyObject* argument, Function&& function) {
  try {
    if (function()) return true;
  } catch (nb::python_error& error) {
    error.restore();
    if (PyErr_ExceptionMatches(PyExc_Exception) == 0) return false;
    PyErr_Clear();
  } catch (const std::exception&) {
    // No memory: the hook may have better luck.
  }
  PyObject* toolkit = PyTuple_GET_ITEM(bound, kToolkit);
  const nb::object done = nb::steal(run_python([&] {
    return argument == nullptr ? PyObject_CallMethodNoArgs(toolkit, hook.str())
                               : PyObject_CallMethodOneArg(toolkit, hook.str(), argument);
  }));
  return done.is_valid();
}

PyObject* dispatch_request(PyObject* bound, PyObject* const* args, Py_ssize_t count) {
  Dispatch dispatch;
  if (!handle(bound, kBeforeRequest, nullptr, [&] { return begin(bound, dispatch); })) {
    return nullptr;
  }
  nb::object response = nb::steal(run_python([&] {
    return PyObject_Vectorcall(PyTuple_GET_ITEM(bound, kOriginal), args,
                               static_cast<std::size_t>(count), nullptr);
  }));
  if (!response.is_valid()) return nullptr;
  const auto after = [&] {
    if (dispatch.recording == nullptr) return dispatch.object.is_valid();
    const PyClient& client = *nb::inst_ptr<PyClient>(PyTuple_GET_ITEM(bound, kClient));
    return respond(client, dispatch.object, *dispatch.recording, dispatch.current.request.ptr(),
                   response.ptr(), steady_now_ns()) == Outcome::kDone;
  };
  if (!handle(bound, kAfterRequest, response.ptr(), after)) return nullptr;
  return response.release().ptr();
}

PyMethodDef dispatch_method{
    "full_dispatch_request",
    reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&dispatch_request)), METH_FASTCALL,
    nullptr};

}  // namespace

void bind_flask_fast_path(nb::module_& module) {
  nb::class_<PyClient> client = nb::borrow<nb::class_<PyClient>>(module.attr("Client"));
  client
      .def("open_fast_path",
           [](PyClient& self, nb::object context_variable, nb::object publish_message,
              nb::object call_on_close) {
             self.fast_path().context_variable = std::move(context_variable);
             self.fast_path().publish_message = std::move(publish_message);
             self.fast_path().call_on_close = std::move(call_on_close);
           })
      .def("around_dispatch",
           [](nb::handle self, nb::object toolkit, nb::object dispatch) {
             const nb::tuple bound = nb::make_tuple(toolkit, self, dispatch);
             return nb::steal(PyCFunction_New(&dispatch_method, bound.ptr()));
           })
      .def("watches_app",
           [](PyClient& self, nb::object app) { self.fast_path().watched_app = std::move(app); })
      .def("before_flask_request", &before_request)
      .def("after_flask_request", [](nb::handle self, nb::handle toolkit, nb::handle response) {
        return static_cast<int>(after_request(self, toolkit, response));
      });
}

}  // namespace apitoolkit::python
