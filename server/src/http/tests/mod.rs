//! The server functions as scripts see them: statuses, permissions, and the main job from an empty database to a router's
//! configuration, on both databases.

mod access;
mod accounts;
mod attacks;
mod changes;
#[path = "../../../store/tests/store/database.rs"]
#[allow(dead_code, reason = "the store's own tests use the rest")]
pub(crate) mod database;
mod devices;
mod failures;
mod files;
mod imports;
mod limits;
mod main_job;
mod many;
mod metrics;
mod neighbours;
mod peers;
mod permissions;
mod policy;
mod rendering;
mod retention;
#[path = "../../../store/tests/store/world.rs"]
#[allow(dead_code, reason = "the store's own tests use the rest")]
mod samples;
mod search;
mod webhooks;

use self::{
    access::*, accounts::*, attacks::*, changes::*, devices::*, failures::*, files::*, imports::*, limits::*,
    main_job::*, many::*, metrics::*, neighbours::*, peers::*, permissions::*, policy::*, rendering::*, retention::*,
    search::*, webhooks::*,
};
use crate::{demo::world, keys, services::Services};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use peerage_sync::peeringdb::{self as sync, Source};
use serde_json::{Value as Json, json};
use server_fn::axum::server_fn_paths;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

const ADMIN: &str = "Token 00000000000000000000000000000000000000ad";
const READER: &str = "Token 000000000000000000000000000000000000000e";

struct World {
    services: Services,
    router: Router,
}

impl World {
    /// An administrator and a reader, with tokens.
    async fn new(database: &database::Database) -> Self {
        let source = Source::api(sync::PUBLIC_API, None).unwrap();
        let services = Services::new(database.store.clone(), source, crate::http::client::Front::default());
        let accounts = services.accounts();
        for (name, superuser, token) in [("admin", true, ADMIN), ("reader", false, READER)] {
            let groups: &[String] = if superuser { &[] } else { &["Readers".to_owned()] };
            accounts.create_user(name, "correct horse", superuser, groups).await.unwrap();
            accounts.create_token(name, token.strip_prefix("Token "), true, "").await.unwrap();
        }
        Self { router: crate::http::router(services.clone()), services }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, Json) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 24).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body))))
    }

    async fn call(&self, who: &str, path: &str, arguments: &Json) -> (StatusCode, Json) {
        self.send(post(path).header("authorization", who).body(Body::from(arguments.to_string())).unwrap()).await
    }

    async fn expect(&self, path: &str, arguments: Json) -> Json {
        let (status, answer) = self.call(ADMIN, path, &arguments).await;
        assert_eq!(status, StatusCode::OK, "{path} {arguments} {answer}");
        answer
    }

    async fn create(&self, of: &str, fields: Json) -> i64 {
        let answer = self.expect("/fn/records/save", json!({"edit": {"type": of, "fields": fields}})).await;
        answer["record"]["rows"][0][0].as_i64().unwrap()
    }
}

fn post(path: &str) -> axum::http::request::Builder {
    Request::post(path).header("content-type", "application/json")
}

/// Arguments that parse, so that what is refused is refused for another reason.
fn arguments(path: &str, of: &str) -> Json {
    match path {
        "/fn/records/list" => json!({"request": {"type": of}}),
        "/fn/records/save" => json!({"edit": {"type": of}}),
        "/fn/records/save-many" => json!({"edits": {"which": {"type": of, "filter": "nothing"}}, "trial": true}),
        "/fn/records/consequences" | "/fn/records/delete-many" => json!({"which": {"type": of, "filter": "nothing"}}),
        "/fn/records/import" => json!({"import": {"type": of, "text": "id\n99", "trial": true}}),
        "/fn/views/list" => json!({"of": of}),
        "/fn/views/save" => json!({"view": {"type": of, "name": "mine", "query": ""}}),
        "/fn/views/delete" => json!({"id": 99}),
        "/fn/preferences/choose" => json!({"choice": {"theme": "dark"}}),
        "/fn/accounts/work-as" => json!({"autonomous_system": null}),
        "/fn/accounts/new-password" => json!({"user": 1}),
        "/fn/records/search" => json!({"text": "a"}),
        path if path.starts_with("/fn/records/") => json!({"object": {"type": of, "id": 1}}),
        "/fn/peeringdb/synchronise" => json!({"start": {}}),
        "/fn/jobs/log" => json!({"job": 1, "after": 0}),
        "/fn/jobs/cancel" | "/fn/jobs/retry" => json!({"job": 1}),
        "/fn/peeringdb/offer" => json!({"asn": 1}),
        "/fn/exchange-import/preview" => json!({"autonomous_system": 1}),
        "/fn/exchange-import/apply" => {
            let exchange = json!({"does": "new", "name": "Gone", "slug": "gone"});
            json!({"import": {"autonomous_system": 1, "lans": [{"lan": 99, "label": "Gone", "exchange": exchange, "ports": []}]}})
        }
        "/fn/in-step/link" => json!({"object": {"type": "net.connection", "id": 1}}),
        path if path.starts_with("/fn/in-step/") => json!({"autonomous_system": 1}),
        "/fn/neighbours/in-common" => json!({"between": {"asn": 64500}}),
        "/fn/neighbours/story" => json!({"autonomous_system": 1}),
        "/fn/peers/available" => json!({"at": {"exchange": 1}}),
        "/fn/peers/hide" => json!({"hide": {"peers": [[1, 1]]}}),
        "/fn/peers/create-sessions" => json!({"sessions": [{"port": 1, "connection": 1, "family": 4}]}),
        "/fn/devices/push" => json!({"check": 99, "reason": "because"}),
        "/fn/devices/accept-host-key" => json!({"router": 99, "fingerprint": "SHA256:x"}),
        "/fn/devices/exchange-history" => json!({"exchange": 99}),
        "/fn/devices/keep" => json!({"push": 99}),
        "/fn/devices/texts" => json!({"push": 99}),
        "/fn/devices/history" => json!({"of": "peering.directpeeringsession", "sessions": [99]}),
        path if path.starts_with("/fn/devices/") => json!({"router": 99}),
        "/fn/rendering/fetch" => json!({"subject": {"router": 1}, "needs": []}),
        "/fn/rendering/export" => json!({"template": 1}),
        "/fn/rendering/render" => json!({"router": 1}),
        "/fn/accounts/change-password" => json!({"old": "a", "new": "b"}),
        "/fn/accounts/make-token" => json!({"token": {}}),
        "/fn/accounts/delete-token" => json!({"id": 1}),
        "/fn/webhooks/test" => json!({"webhook": 99}),
        "/fn/webhooks/replay" => json!({"delivery": 99}),
        "/fn/changes/undo" => json!({"undo": {"request": "nothing"}}),
        _ => json!({}),
    }
}

macro_rules! on_both_databases {
    ($($test:ident,)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let database = super::database::sqlite().await;
                super::$test(&database).await;
                database.finish().await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if let Some(database) = super::database::postgres().await {
                    super::$test(&database).await;
                    database.finish().await;
                }
            })*
        }
    };
}

on_both_databases! {
    the_first_administrator_is_made_once,
    a_password_is_changed_and_ends_other_sign_ins,
    wrong_passwords_are_slowed_down,
    a_token_is_ones_own_and_comes_from_where_it_may,
    a_poll_says_what_became_of_sessions,
    a_check_is_kept_and_tells_no_secret,
    what_goes_wrong_before_a_change_is_told_and_changes_nothing,
    a_push_is_taken_back_or_kept_by_somebody,
    polling_many_routers_costs_few_statements,
    every_function_refuses_strangers,
    a_text_says_what_it_was_made_from,
    a_broken_template_that_routers_use_is_warned_of,
    an_export_is_of_what_a_list_shows,
    an_export_shows_nobody_more_than_lists_do,
    what_everybody_may_call_is_known,
    what_changed_upstream_is_told_to_those_who_may_see_what_it_is_about,
    a_permission_is_for_its_type_and_ends_with_its_group,
    changes_are_seen_by_those_who_see_what_was_changed,
    somebody_stays_administrator,
    a_limited_permission_is_kept_on_every_way_to_a_router,
    events_tell_of_what_is_within_a_limit,
    many_objects_change_together_and_come_back_together,
    one_object_that_cannot_change_keeps_all_as_they_are,
    many_objects_are_deleted_together_or_not_at_all,
    a_view_is_ones_own_unless_it_is_shared,
    preferences_are_ones_own_and_last,
    what_is_in_effect_says_whose_it_is,
    a_context_says_where_its_values_come_from,
    a_policy_of_the_other_family_is_refused_at_its_field,
    an_address_off_the_lan_is_taken_if_one_insists,
    our_address_off_the_lan_is_taken_if_one_insists,
    a_reference_that_vanished_is_a_problem_at_its_field,
    a_hidden_peer_keeps_what_it_hides,
    a_hidden_peer_is_not_proposed_until_its_day,
    the_demonstration_is_made_and_its_routers_render,
    the_same_rule_answers_for_an_exchange_for_all_and_for_a_network,
    available_peers_cost_the_same_statements_for_few_and_for_many,
    a_rendering_costs_the_same_statements_for_few_sessions_and_for_many,
    what_is_kept_of_peers_is_as_fresh_as_the_tables,
    what_is_kept_of_peers_is_told_to_those_who_may_see_it,
    what_speaks_against_a_session_is_warned_of,
    no_secret_is_read_by_whoever_may_not,
    no_secret_is_guessed_from_what_differs,
    anothers_token_is_neither_read_nor_taken_away,
    a_batch_is_warned_of_what_the_matrix_does_not_offer,
    a_batch_refuses_the_family_that_our_connection_lacks,
    a_story_tells_of_sessions_that_peeringdb_does_not_list,
    where_both_are_is_what_the_rows_say,
    candidates_are_those_in_our_buildings,
    a_peers_story_says_where_its_policies_come_from,
    anybody_looks_only_where_they_were_let_and_not_at_everything,
    webhooks_are_guarded_and_a_preview_is_no_way_around_limits,
    what_goes_along_must_be_theirs_to_delete,
    a_nul_is_refused_wherever_it_is_looked_for,
    an_address_that_is_nobodys_is_refused_and_one_of_a_family_that_we_lack_is_warned_of,
    peers_are_hidden_in_bulk_and_a_pick_on_another_lan_is_refused,
    one_works_as_one_of_ours,
    a_search_gives_the_best_first,
    every_function_is_strict,
    a_reader_reads_and_does_not_write,
    a_cookie_lasts_until_signing_out,
    refusals_have_their_status,
    the_main_job,
    exchanges_are_imported_linked_and_taken_back_as_one,
    an_import_is_what_was_seen_or_nothing,
    real_ports_are_imported,
    an_autonomous_system_is_brought_into_step_and_back,
    an_exchange_and_a_connection_are_linked_or_told_why_not,
    what_was_done_can_be_undone,
    a_file_is_imported_and_the_second_time_changes_nothing,
    other_objects_are_named_by_what_they_are_known_by,
    what_lists_export_is_imported_as_the_same,
    what_was_exported_and_deleted_comes_back,
    one_thing_that_is_wrong_and_nothing_is_imported,
    numbers_of_another_installation_overwrite_nothing,
    awkward_files_are_answered_in_words,
    one_row_takes_the_name_that_another_leaves,
    a_file_reaches_no_further_than_its_person,
    a_file_does_not_tell_whether_a_secret_was_guessed,
    ten_thousand_come_and_go_together,
    events_are_streamed_and_what_was_missed_comes_first,
    a_failure_names_its_request_to_the_person_and_in_the_log,
    a_slow_request_is_worth_a_line,
    a_change_carries_the_name_of_its_request,
    old_changes_are_forgotten_only_if_one_says_so,
    what_a_run_told_goes_with_it,
    metrics_are_for_those_who_are_signed_in,
    metrics_count_what_was_asked_and_tell_no_names,
    a_webhook_is_told_of_what_was_changed_and_by_whom,
    a_receiver_that_asks_for_patience_gets_it,
    a_receiver_is_not_left_alone_for_longer_than_is_sensible,
    a_webhook_is_told_no_secret,
    a_delivery_is_tried_until_it_is_taken_or_given_up,
    while_a_receiver_is_away_its_deliveries_keep_their_order,
    what_a_killed_process_had_taken_is_sent_by_another,
    what_somebody_asks_for_does_not_wait_behind_what_is_tried_again,
    a_webhook_does_not_lead_into_our_own_network,
    a_webhook_is_told_only_if_its_conditions_hold,
    a_webhook_is_tried_out_and_told_again_by_those_who_may_change_it,
    what_the_system_writes_is_told_and_what_is_undone_is_not,
}
