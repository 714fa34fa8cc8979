"""What must never be found in accounts (reliability 4.4)."""

from core.invariants import Invariant, register

register(
    Invariant(
        "accounts.one_main_member",
        "У аккаунта не одна главная организация",
        """
        SELECT account.id, account.number, count(member.id) AS main_members FROM accounts_account account
        LEFT JOIN accounts_accountmember member
            ON member.account_id = account.id AND member.is_main AND member.left_at IS NULL
        GROUP BY account.id HAVING count(member.id) <> 1
        """,
    ),
    Invariant(
        "accounts.members_count",
        "Число организаций аккаунта разошлось с его составом",
        """
        SELECT account.id, account.number, account.members_count, count(member.id) AS members FROM accounts_account account
        LEFT JOIN accounts_accountmember member ON member.account_id = account.id AND member.left_at IS NULL
        GROUP BY account.id HAVING account.members_count <> count(member.id)
        """,
    ),
    Invariant(
        "accounts.client_accounts_count",
        "Число аккаунтов в карточке клиента разошлось с аккаунтами",
        """
        SELECT client.id, client.accounts_count, member.accounts FROM clients_client client
        JOIN (
            SELECT client_id, count(*) FILTER (WHERE left_at IS NULL) AS accounts
            FROM accounts_accountmember GROUP BY client_id
        ) member ON member.client_id = client.id
        WHERE client.accounts_count <> member.accounts
        """,
    ),
)
