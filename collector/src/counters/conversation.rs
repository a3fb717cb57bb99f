//! Asks one service once, in the way that needs the least power.

use super::answer::Answer;
use super::asked::{Asked, LOOPBACK, Spot};
use super::product::Product;
use super::talk::{self, Line};
use super::unavailable::{Unavailable, Why};
use crate::ssh::Secret;

/// An account of a service, with its password.
#[derive(Clone, Debug)]
pub struct Login {
    /// The account.
    pub user: String,
    /// Its password; empty where the host's own files hold it.
    pub password: Secret,
    /// The database that is connected to first, or that knows the account.
    pub database: Option<String>,
}

impl Login {
    /// Gives the password, for the one who must send it.
    pub(super) fn password(&self) -> &str {
        self.password.reveal()
    }
}

/// Asks a service for its counters; `sizes` asks for what is slow to say too.
///
/// Where channels are forbidden a program of the host carries the bytes, now and
/// in later questions over the same line.
///
/// # Errors
/// Why there is no answer; nothing of it holds the password.
pub fn ask(line: &mut Line<'_>, asked: &mut Asked, login: Option<&Login>, sizes: bool) -> Result<Answer, Unavailable> {
    let mut answer = attempt(line, asked, login, sizes);
    if is_nobody_there(&answer) {
        for address in std::mem::take(&mut asked.elsewhere) {
            let Some(moved) = asked.moved_to(&address) else { break };
            let other = attempt(line, &moved, login, sizes);
            if !is_nobody_there(&other) {
                *asked = moved;
                answer = other;
                break;
            }
        }
    }
    if !line.carried && answer.as_ref().is_err_and(|error| error.why == Why::Forbidden) {
        line.carried = true;
        answer = attempt(line, asked, login, sizes);
    }
    let answer = answer.map_err(|error| error.without(login.map_or("", Login::password)))?;
    if answer.is_empty() {
        return Err(Unavailable::new(
            Why::Odd,
            "its answer says nothing that is known of this product",
        ));
    }
    Ok(answer)
}

fn is_nobody_there(answer: &Result<Answer, Unavailable>) -> bool {
    answer.as_ref().is_err_and(|error| error.why == Why::Unreachable)
}

fn attempt(line: &mut Line<'_>, asked: &Asked, login: Option<&Login>, sizes: bool) -> Result<Answer, Unavailable> {
    let usual = Spot::Tcp {
        address: LOOPBACK.to_string(),
        port: asked.product.usual_port().unwrap_or(0),
        page: None,
    };
    let spot = asked.spot.as_ref();
    let place = spot.unwrap_or(&usual);
    match asked.product {
        Product::Redis => talk::redis(line, place, login),
        Product::Memcached => talk::memcached(line, place),
        Product::Postgresql => talk::postgresql(line, spot, login, sizes),
        Product::Mysql => talk::mysql(line, spot, login, sizes),
        Product::Mongodb => talk::mongodb(line, place, login, sizes),
        Product::Rabbitmq => match login {
            Some(login) => talk::rabbitmq_management(line, place, login, sizes),
            None => talk::rabbitmq_control(line),
        },
        Product::Elasticsearch => talk::elasticsearch(line, place, login, sizes),
        Product::Haproxy => match spot {
            Some(Spot::Tcp { .. }) => talk::haproxy_page(line, place, login),
            _ => talk::haproxy_socket(line, spot),
        },
        Product::Nginx => talk::nginx(line, place, login),
        Product::Jvm => talk::jvm(line),
    }
}
