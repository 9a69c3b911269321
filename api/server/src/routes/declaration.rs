//! The declaration of a route: everything that router, limits, OpenAPI document and page know of it.

/// A [`Route`](crate::router::Route), declared beside its handler:
///
/// ```text
/// pub(super) const GET: Route = route! {
///     /// Summary and description of the operation.
///     get "/v1/things/{id}" => get in Work,
///     openapi(tag = "things", params(…), responses(…)),
///     problems: [ThingNotFound],
///     links: ["get_things_id_parts": "id" = "id"],
/// };
/// ```
///
/// `in` names the class of the route's limits, `problems` the codes that it answers besides those
/// of every route. Optional are `request` and `answer`, functions that make an example, and
/// `links`: operation, parameter, and the field of the answer that has its value.
macro_rules! route {
    (@method get) => { $crate::router::Method::Get };
    (@method post) => { $crate::router::Method::Post };
    (@method delete) => { $crate::router::Method::Delete };
    (
        $(#[$($doc:tt)*])*
        $method:ident $template:tt => $handler:ident in $class:ident,
        openapi($($openapi:tt)*),
        problems: [$($problem:ident),* $(,)?]
        $(, request: $request:path)?
        $(, answer: $answer:path)?
        $(, links: [$($operation:literal: $parameter:literal = $field:literal),* $(,)?])?
        $(,)?
    ) => {{
        $(#[$($doc)*])*
        #[utoipa::path($method, path = $template, $($openapi)*)]
        #[expect(dead_code, reason = "a description belongs to a function")]
        fn operation() {}

        #[derive(utoipa::OpenApi)]
        #[openapi(paths(operation))]
        struct Description;

        const fn declared() -> $crate::router::Route {
            let mut route = $crate::router::Route::new(
                $crate::routes::declaration::route!(@method $method),
                $template,
                $crate::router::RouteClass::$class,
                |app, request| Box::pin(async { $handler(app, request).await.map(Into::into) }),
                <Description as utoipa::OpenApi>::openapi,
            );
            route.problems = &[$(farthing_api_types::ProblemCode::$problem),*];
            $(route.request_example = Some($request);)?
            $(route.answer_example = Some($answer);)?
            $(route.links = &[$($crate::router::Link {
                operation: $operation,
                parameter: $parameter,
                field: $field,
            }),*];)?
            route
        }
        declared()
    }};
}

pub(crate) use route;
