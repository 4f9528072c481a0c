/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/handlers.h - the handlers that api/routes.c names, one file per resource. */
#pragma once

#include "base/buf.h"

struct call;

void uploads_direct(struct call *call);
void uploads_form(struct call *call);
void uploads_form_body(struct call *call, struct span piece);
void uploads_form_end(struct call *call);
void uploads_complete(struct call *call);
void uploads_url(struct call *call);
void part_put(struct call *call);
void part_put_body(struct call *call, struct span piece);
void part_put_end(struct call *call);
void part_refuse(struct call *call);
void status_show(struct call *call);
void result_show(struct call *call);
void job_delete(struct call *call);
void jobs_list(struct call *call);
void job_show(struct call *call);
void job_status_show(struct call *call);
void job_retry_post(struct call *call);
void job_cancel_post(struct call *call);
void events_show(struct call *call);
void extract_again(struct call *call);
void analytics_show(struct call *call);
void templates_list(struct call *call);
void templates_stats(struct call *call);
void template_make(struct call *call);
void template_show(struct call *call);
void template_change(struct call *call);
void template_delete(struct call *call);
void template_favorite(struct call *call);
void models_list(struct call *call);
void health_show(struct call *call);
void openapi_show(struct call *call);
void root_show(struct call *call);
void auth_verify(struct call *call);
void settings_show(struct call *call);
void settings_change(struct call *call);
void audit_show(struct call *call);
void onboarding_begin(struct call *call);
void onboarding_show(struct call *call);
void onboarding_change(struct call *call);
void onboarding_delete(struct call *call);
void credits_show(struct call *call);
void credits_list_team(struct call *call);
void credits_list_organization(struct call *call);
void billing_catalog(struct call *call);
void billing_event(struct call *call);
void upload_notice(struct call *call);
void live_show(struct call *call);
void ready_show(struct call *call);
void metrics_show(struct call *call);
void webhook_create(struct call *call);
void webhooks_list(struct call *call);
void webhook_show(struct call *call);
void webhook_update(struct call *call);
void webhook_remove(struct call *call);
void webhook_rotate(struct call *call);
void webhook_test(struct call *call);
void webhook_health(struct call *call);
void webhook_event_types(struct call *call);
void webhook_events_list(struct call *call);
void webhook_payload_show(struct call *call);
void webhook_resend(struct call *call);
