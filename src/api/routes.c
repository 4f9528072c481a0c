/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/routes.h"

#include "api/handlers.h"
#include "base/attrs.h"

#include <string.h>

#define SPEC_MAX     KiB(512) /* schema and instructions at their limits, all of it escaped */
#define COMPLETE_MAX MiB(2)   /* 10,000 parts of about 100 bytes each, twice */
#define IGNORED_MAX  KiB(64)
#define SMALL_MAX    KiB(128)
#define HOOK_MAX     KiB(32)

#define JOB_ID       "{job_id}"
#define ORGANIZATION "/organizations/{organization_id}"
#define TEAM         ORGANIZATION "/teams/{team_id}"
#define HOOK         TEAM "/webhooks/{id}"

const struct route routes[] = {
    {"POST", "/ocr/uploads/direct", SCOPE_WRITE, BODY_JSON, SPEC_MAX, uploads_direct,
     .request_schema = "DirectUploadRequest", .reply_schema = "DirectUploadReply"},
    {"POST", "/ocr/uploads/direct", SCOPE_WRITE, BODY_FORM, 0, uploads_form, uploads_form_body,
     uploads_form_end, "DirectUploadForm", "DirectUploadReply"},
    {"POST", "/ocr/uploads/url", SCOPE_WRITE, BODY_JSON, SPEC_MAX, uploads_url,
     .request_schema = "UrlUploadRequest", .reply_schema = "UrlUploadReply"},
    {"POST", "/ocr/uploads/" JOB_ID "/complete", SCOPE_WRITE, BODY_JSON, COMPLETE_MAX,
     uploads_complete, .request_schema = "CompleteRequest", .reply_schema = "CompleteReply"},
    {"GET", "/ocr/status/" JOB_ID, SCOPE_READ, BODY_NONE, IGNORED_MAX, status_show,
     .reply_schema = "StatusReply"},
    {"GET", "/ocr/result/" JOB_ID, SCOPE_READ, BODY_NONE, IGNORED_MAX, result_show,
     .reply_schema = "ResultReply"},
    {"DELETE", "/ocr/delete/" JOB_ID, SCOPE_WRITE, BODY_NONE, IGNORED_MAX, job_delete,
     .reply_schema = "DeleteReply"},
    {"DELETE", "/ocr/jobs/" JOB_ID, SCOPE_WRITE, BODY_NONE, IGNORED_MAX, job_delete,
     .reply_schema = "DeleteReply"},
    {"DELETE", "/jobs/" JOB_ID, SCOPE_WRITE, BODY_NONE, IGNORED_MAX, job_delete,
     .reply_schema = "DeleteReply"},
    {"DELETE", "/organizations/{organization_id}/teams/{team_id}/jobs/" JOB_ID, SCOPE_WRITE,
     BODY_NONE, IGNORED_MAX, job_delete, .reply_schema = "DeleteReply"},
    {"GET", TEAM "/jobs", SCOPE_READ, BODY_NONE, IGNORED_MAX, jobs_list, .reply_schema = "JobList"},
    {"GET", "/jobs", SCOPE_READ, BODY_NONE, IGNORED_MAX, jobs_list, .reply_schema = "JobList"},
    {"GET", "/jobs/list", SCOPE_READ, BODY_NONE, IGNORED_MAX, jobs_list, .reply_schema = "JobList"},
    {"GET", TEAM "/jobs/" JOB_ID, SCOPE_READ, BODY_NONE, IGNORED_MAX, job_show,
     .reply_schema = "Job"},
    {"GET", "/jobs/" JOB_ID, SCOPE_READ, BODY_NONE, IGNORED_MAX, job_show, .reply_schema = "Job"},
    {"GET", "/ocr/jobs/" JOB_ID, SCOPE_READ, BODY_NONE, IGNORED_MAX, job_show,
     .reply_schema = "Job"},
    {"GET", TEAM "/jobs/" JOB_ID "/status", SCOPE_READ, BODY_NONE, IGNORED_MAX, job_status_show,
     .reply_schema = "JobStatusReply"},
    {"GET", "/jobs/" JOB_ID "/status", SCOPE_READ, BODY_NONE, IGNORED_MAX, job_status_show,
     .reply_schema = "JobStatusReply"},
    {"POST", TEAM "/jobs/" JOB_ID "/retry", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, job_retry_post,
     .reply_schema = "JobActionReply"},
    {"POST", "/jobs/" JOB_ID "/retry", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, job_retry_post,
     .reply_schema = "JobActionReply"},
    {"POST", "/jobs/" JOB_ID "/restart", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, job_retry_post,
     .reply_schema = "JobActionReply"},
    {"POST", TEAM "/jobs/" JOB_ID "/cancel", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, job_cancel_post,
     .reply_schema = "JobActionReply"},
    {"POST", "/jobs/" JOB_ID "/cancel", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, job_cancel_post,
     .reply_schema = "JobActionReply"},
    {"POST", "/ocr/jobs/" JOB_ID "/cancel", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, job_cancel_post,
     .reply_schema = "JobActionReply"},
    {"POST", "/ocr/jobs/" JOB_ID "/extract", SCOPE_WRITE, BODY_JSON, SPEC_MAX, extract_again,
     .request_schema = "ExtractRequest", .reply_schema = "ResultReply"},
    {"GET", "/ocr/jobs/" JOB_ID "/events", SCOPE_READ, BODY_NONE, IGNORED_MAX, events_show},
    {"GET", "/auth/verify", SCOPE_ANY, BODY_NONE, IGNORED_MAX, auth_verify,
     .reply_schema = "AuthReply"},
    {"GET", TEAM "/settings", SCOPE_READ, BODY_NONE, IGNORED_MAX, settings_show,
     .reply_schema = "TeamSettings"},
    {"PUT", TEAM "/settings", SCOPE_ADMIN, BODY_JSON, SMALL_MAX, settings_change,
     .request_schema = "TeamSettingsChange", .reply_schema = "TeamSettings"},
    {"GET", TEAM "/audit", SCOPE_ADMIN, BODY_NONE, IGNORED_MAX, audit_show,
     .reply_schema = "AuditPage"},
    {"POST", "/onboarding", SCOPE_WRITE, BODY_JSON, SMALL_MAX, onboarding_begin,
     .request_schema = "OnboardingCreate", .reply_schema = "Onboarding", .reply_status = 201},
    {"GET", "/onboarding/{external_id}", SCOPE_READ, BODY_NONE, IGNORED_MAX, onboarding_show,
     .reply_schema = "Onboarding"},
    {"PUT", "/onboarding/{external_id}", SCOPE_WRITE, BODY_JSON, SMALL_MAX, onboarding_change,
     .request_schema = "OnboardingUpdate", .reply_schema = "Onboarding"},
    {"DELETE", "/onboarding/{external_id}", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, onboarding_delete,
     .reply_status = 204},
    {"GET", ORGANIZATION "/credits/balance", SCOPE_READ, BODY_NONE, IGNORED_MAX, credits_show,
     .reply_schema = "CreditBalance"},
    {"GET", ORGANIZATION "/credits/transactions", SCOPE_READ, BODY_NONE, IGNORED_MAX,
     credits_list_organization, .reply_schema = "OrganizationTransactions"},
    {"GET", TEAM "/credits/transactions", SCOPE_READ, BODY_NONE, IGNORED_MAX, credits_list_team,
     .reply_schema = "TeamTransactions"},
    {"GET", "/credits/polar/products/catalog", SCOPE_READ, BODY_NONE, IGNORED_MAX, billing_catalog,
     .reply_schema = "ProductCatalog"},
    {"POST", "/webhooks/polar", SCOPE_NONE, BODY_JSON, SMALL_MAX, billing_event,
     .request_schema = "PolarEvent", .reply_schema = "PolarReply"},
    {"POST", "/webhooks/r2-upload-notification", SCOPE_NONE, BODY_JSON, SMALL_MAX, upload_notice,
     .request_schema = "UploadNotice", .reply_schema = "UploadNoticeReply"},
    {"GET", "/livez", SCOPE_NONE, BODY_NONE, IGNORED_MAX, live_show, .reply_schema = "Live"},
    {"GET", "/readyz", SCOPE_NONE, BODY_NONE, IGNORED_MAX, ready_show, .reply_schema = "Ready"},
    {"GET", "/metrics", SCOPE_NONE, BODY_NONE, IGNORED_MAX, metrics_show},
    {"GET", TEAM "/templates", SCOPE_READ, BODY_NONE, IGNORED_MAX, templates_list,
     .reply_schema = "TemplateList"},
    {"POST", TEAM "/templates", SCOPE_WRITE, BODY_JSON, SPEC_MAX, template_make,
     .request_schema = "TemplateCreate", .reply_schema = "Template", .reply_status = 201},
    {"GET", TEAM "/templates/stats", SCOPE_READ, BODY_NONE, IGNORED_MAX, templates_stats,
     .reply_schema = "TemplateStats"},
    {"GET", TEAM "/templates/{id}", SCOPE_READ, BODY_NONE, IGNORED_MAX, template_show,
     .reply_schema = "Template"},
    {"PUT", TEAM "/templates/{id}", SCOPE_WRITE, BODY_JSON, SPEC_MAX, template_change,
     .request_schema = "TemplateUpdate", .reply_schema = "Template"},
    {"DELETE", TEAM "/templates/{id}", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, template_delete,
     .reply_status = 204},
    {"POST", TEAM "/templates/{id}/favorite", SCOPE_WRITE, BODY_NONE, IGNORED_MAX,
     template_favorite, .reply_schema = "Template"},
    {"GET", "/templates", SCOPE_READ, BODY_NONE, IGNORED_MAX, templates_list,
     .reply_schema = "TemplateList"},
    {"POST", "/templates", SCOPE_WRITE, BODY_JSON, SPEC_MAX, template_make,
     .request_schema = "TemplateCreate", .reply_schema = "Template", .reply_status = 201},
    {"GET", "/templates/stats", SCOPE_READ, BODY_NONE, IGNORED_MAX, templates_stats,
     .reply_schema = "TemplateStats"},
    {"GET", "/templates/{id}", SCOPE_READ, BODY_NONE, IGNORED_MAX, template_show,
     .reply_schema = "Template"},
    {"PUT", "/templates/{id}", SCOPE_WRITE, BODY_JSON, SPEC_MAX, template_change,
     .request_schema = "TemplateUpdate", .reply_schema = "Template"},
    {"DELETE", "/templates/{id}", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, template_delete,
     .reply_status = 204},
    {"POST", "/templates/{id}/favorite", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, template_favorite,
     .reply_schema = "Template"},
    {"GET", TEAM "/analytics/overview", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsOverview"},
    {"GET", TEAM "/analytics/jobs/timeseries", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsJobsTimeseries"},
    {"GET", TEAM "/analytics/pages/timeseries", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsPagesTimeseries"},
    {"GET", TEAM "/analytics/errors/timeseries", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsErrorsTimeseries"},
    {"GET", TEAM "/analytics/confidence/timeseries", SCOPE_READ, BODY_NONE, IGNORED_MAX,
     analytics_show, .reply_schema = "AnalyticsConfidenceTimeseries"},
    {"GET", TEAM "/analytics/confidence", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsConfidence"},
    {"GET", TEAM "/analytics/documents", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsDocuments"},
    {"GET", TEAM "/analytics/documents/filetypes", SCOPE_READ, BODY_NONE, IGNORED_MAX,
     analytics_show, .reply_schema = "AnalyticsDocumentsFiletypes"},
    {"GET", TEAM "/analytics/errors", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsErrors"},
    {"GET", TEAM "/analytics/credits/usage", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsCreditsUsage"},
    {"GET", TEAM "/analytics/templates/top", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsTemplatesTop"},
    {"GET", TEAM "/analytics/users/top", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsUsersTop"},
    {"GET", TEAM "/analytics/users/activity", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsUsersActivity"},
    {"GET", TEAM "/analytics/compare", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsCompare"},
    {"GET", "/analytics/overview", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsOverview"},
    {"GET", "/analytics/jobs/timeseries", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsJobsTimeseries"},
    {"GET", "/analytics/pages/timeseries", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsPagesTimeseries"},
    {"GET", "/analytics/errors/timeseries", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsErrorsTimeseries"},
    {"GET", "/analytics/confidence/timeseries", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsConfidenceTimeseries"},
    {"GET", "/analytics/confidence", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsConfidence"},
    {"GET", "/analytics/documents", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsDocuments"},
    {"GET", "/analytics/documents/filetypes", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsDocumentsFiletypes"},
    {"GET", "/analytics/errors", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsErrors"},
    {"GET", "/analytics/credits/usage", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsCreditsUsage"},
    {"GET", "/analytics/templates/top", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsTemplatesTop"},
    {"GET", "/analytics/users/top", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsUsersTop"},
    {"GET", "/analytics/users/activity", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsUsersActivity"},
    {"GET", "/analytics/compare", SCOPE_READ, BODY_NONE, IGNORED_MAX, analytics_show,
     .reply_schema = "AnalyticsCompare"},
    {"GET", "/ocr/models", SCOPE_READ, BODY_NONE, IGNORED_MAX, models_list,
     .reply_schema = "ModelsReply"},
    {"GET", "/health", SCOPE_NONE, BODY_NONE, IGNORED_MAX, health_show,
     .reply_schema = "HealthReply"},
    {"GET", "/docs/openapi.json", SCOPE_NONE, BODY_NONE, IGNORED_MAX, openapi_show,
     .reply_schema = "OpenApiDocument"},
    {"GET", "/webhooks/event-types", SCOPE_READ, BODY_NONE, IGNORED_MAX, webhook_event_types,
     .reply_schema = "WebhookEventTypes"},
    {"GET", TEAM "/webhooks/events", SCOPE_READ, BODY_NONE, IGNORED_MAX, webhook_events_list,
     .reply_schema = "WebhookEventList"},
    {"GET", TEAM "/webhooks/events/{event_id}/payload", SCOPE_READ, BODY_NONE, IGNORED_MAX,
     webhook_payload_show, .reply_schema = "WebhookEventPayload"},
    {"POST", TEAM "/webhooks/events/{event_id}/resend", SCOPE_WRITE, BODY_NONE, IGNORED_MAX,
     webhook_resend, .reply_schema = "WebhookResendReply"},
    {"GET", TEAM "/webhooks", SCOPE_READ, BODY_NONE, IGNORED_MAX, webhooks_list,
     .reply_schema = "WebhookList"},
    {"POST", TEAM "/webhooks", SCOPE_WRITE, BODY_JSON, HOOK_MAX, webhook_create,
     .request_schema = "WebhookCreateRequest", .reply_schema = "Webhook", .reply_status = 201},
    {"GET", HOOK, SCOPE_READ, BODY_NONE, IGNORED_MAX, webhook_show, .reply_schema = "Webhook"},
    {"PUT", HOOK, SCOPE_WRITE, BODY_JSON, HOOK_MAX, webhook_update,
     .request_schema = "WebhookUpdateRequest", .reply_schema = "Webhook"},
    {"DELETE", HOOK, SCOPE_WRITE, BODY_NONE, IGNORED_MAX, webhook_remove, .reply_status = 204},
    {"GET", HOOK "/health", SCOPE_READ, BODY_NONE, IGNORED_MAX, webhook_health,
     .reply_schema = "WebhookHealth"},
    {"POST", HOOK "/test", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, webhook_test,
     .reply_schema = "WebhookTestReply"},
    {"POST", HOOK "/regenerate-secret", SCOPE_WRITE, BODY_NONE, IGNORED_MAX, webhook_rotate,
     .reply_schema = "Webhook"},
    {"GET", "/", SCOPE_NONE, BODY_NONE, IGNORED_MAX, root_show},
    {"PUT", "/store/uploads/" JOB_ID, SCOPE_NONE, BODY_STREAM, 0, part_put, part_put_body,
     part_put_end},
};
const size_t route_count = ARRAY_LEN(routes);

static bool
takes(const struct route *route, struct span method)
{
    return span_equal(method, span_of(route->method)) ||
           (span_equal(method, span_of("HEAD")) && strcmp(route->method, "GET") == 0);
}

static const char *
add_method(struct arena *arena, const char *allow, const struct route *route)
{
    const char *name = strcmp(route->method, "GET") == 0 ? "GET, HEAD" : route->method;

    if (allow == NULL)
        return arena_printf(arena, "%s, OPTIONS", name);
    if (strstr(allow, route->method) != NULL)
        return allow;
    return arena_printf(arena, "%s, %s", name, allow);
}

const struct route *
route_find(struct arena *arena, struct span method, const struct path *path, bool is_form,
           const char **ret_allow)
{
    const struct route *other_body = NULL;
    const char *allow = NULL;

    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &routes[i];
        if (!path_matches(path, route->pattern))
            continue;
        if (!takes(route, method))
            allow = add_method(arena, allow, route);
        else if ((route->body == BODY_FORM) == is_form)
            return route;
        else if (route->body != BODY_FORM)
            other_body = route;
    }
    *ret_allow = allow;
    return other_body;
}
