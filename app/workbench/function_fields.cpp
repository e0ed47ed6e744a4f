// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/function_fields.h>

#include <app/workbench/argument_row.h>
#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>
#include <app/workbench/task_libraries.h>

#include <widgets/format.h>

#include <QAbstractItemView>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStyledItemDelegate>

#include <algorithm>

namespace pprocess::workbench {

namespace {

/// Sends what it likes on its channel: nobody can tell where its result ends.
constexpr const char* withoutResult = "values on its channel";

QString shown(const std::string& text) {
    return widgets::format::oneLine(text, 2000);
}

/// Shows the description behind each function's name.
class FunctionDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        if (const QString words = index.data(Qt::ToolTipRole).toString(); !words.isEmpty()) {
            option->text += QStringLiteral(" – ") + words;
        }
    }
};

QString signatureOf(const TaskDescription& task) {
    QStringList names;
    for (const auto& parameter : task.parameters) {
        names += shown(parameter.name);
    }
    return QStringLiteral("%1(%2)").arg(shown(task.name), names.join(QStringLiteral(", ")));
}

} // namespace

FunctionFields::FunctionFields(FieldMistakes& mistakes, TaskLibraries& libraries, QWidget* parent)
    : QWidget(parent),
      m_mistakes(mistakes),
      m_libraries(libraries) {
    m_library = form::lineEdit(QStringLiteral("library"), tr("Task library"), QStringLiteral("libtasks.so"),
                               tr("A shared object with functions registered by PPROCESS_TASK. It is loaded by a "
                                  "process of its own."));
    auto* browse = form::smallButton(tr("Browse…"), QStringLiteral("browseLibrary"), tr("Browse for the task library"));
    m_libraryWords = form::hint({});
    m_libraryWords->setObjectName(QStringLiteral("libraryWords"));
    m_libraryWords->setTextFormat(Qt::PlainText);
    m_functions = new QComboBox;
    m_functions->setObjectName(QStringLiteral("function"));
    m_functions->setAccessibleName(tr("Function"));
    m_functions->setToolTip(tr("The function that is called for each input"));
    m_functions->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_functions->setMinimumContentsLength(12);
    m_functions->setItemDelegate(new FunctionDelegate(m_functions));
    m_again = form::smallButton(QStringLiteral("↻"), QStringLiteral("readLibrary"), tr("Read the library again"),
                                tr("Read the library again, when it has been built anew"));
    m_functionWords = form::hint({});
    m_functionWords->setObjectName(QStringLiteral("functionWords"));
    m_functionWords->setTextFormat(Qt::PlainText);
    m_argumentsBox = new QWidget;
    m_argumentsLayout = form::column(m_argumentsBox, 6);
    m_argumentsWords = form::hint({});
    m_argumentsWords->setObjectName(QStringLiteral("argumentsWords"));
    m_argumentsWords->setTextFormat(Qt::PlainText);

    auto* libraryRow = form::row();
    libraryRow->addWidget(m_library, 1);
    libraryRow->addWidget(browse);
    auto* functionRow = form::row();
    functionRow->addWidget(m_functions, 1);
    functionRow->addWidget(m_again);
    const auto isShown = [this] { return isVisibleTo(parentWidget()); };
    auto* layout = form::column(this, 4);
    layout->addWidget(form::smallCaption(tr("Task library"), m_library));
    layout->addLayout(libraryRow);
    layout->addWidget(m_libraryWords);
    layout->addWidget(m_mistakes.add({}, m_library, isShown));
    layout->addWidget(form::smallCaption(tr("Function"), m_functions));
    layout->addLayout(functionRow);
    layout->addWidget(m_functionWords);
    layout->addWidget(m_mistakes.add({}, m_functions, isShown));
    layout->addWidget(m_argumentsBox);
    layout->addWidget(m_argumentsWords);
    layout->addWidget(m_mistakes.add({}, m_argumentsBox, isShown));

    m_timer.setSingleShot(true);
    m_timer.setInterval(200);
    connect(&m_timer, &QTimer::timeout, this, [this] { m_libraries.want(function().library); });
    connect(m_library, &QLineEdit::textChanged, this, [this] {
        m_timer.start();
        showLibrary();
        emit edited(field("function.library"));
    });
    connect(browse, &QPushButton::clicked, this, &FunctionFields::browse);
    connect(m_again, &QPushButton::clicked, this, [this] {
        m_libraries.want(function().library, true);
        showLibrary();
    });
    connect(m_functions, &QComboBox::currentIndexChanged, this, &FunctionFields::choose);
    connect(&m_libraries, &TaskLibraries::changed, this, &FunctionFields::showLibrary);
    setPlace(0);
    showLibrary();
}

QString FunctionFields::field(const char* name) const {
    return m_place == 0 ? QLatin1String(name) : QStringLiteral("then[%1].%2").arg(m_place - 1).arg(QLatin1String(name));
}

void FunctionFields::setPlace(std::size_t place) {
    m_place = place;
    m_mistakes.rename(m_library, field("function.library"));
    m_mistakes.rename(m_functions, field("function.name"));
    m_mistakes.rename(m_argumentsBox, field("function.arguments"));
    checkArguments();
}

void FunctionFields::setColumns(const std::vector<std::string>& columns) {
    if (m_columns != columns) {
        m_columns = columns;
        checkArguments();
    }
}

void FunctionFields::fill(const job::Function& function, bool isOther) {
    m_given = function;
    form::setText(m_library, form::fromPath(function.library));
    if (isOther) {
        m_timer.stop();
        m_libraries.want(function.library);
    }
    const QSignalBlocker blocker(m_functions);
    m_functions->clear(); // so that the function is the one given, and not the one chosen before
    for (ArgumentRow* row : m_rows) {
        row->fill({});
    }
    showArguments(function.arguments.size());
    for (std::size_t place = 0; place < m_rows.size(); ++place) {
        m_rows[place]->fill(place < function.arguments.size() ? function.arguments[place] : std::string());
    }
    showLibrary();
}

std::vector<std::string> FunctionFields::arguments() const {
    std::vector<std::string> texts;
    for (const ArgumentRow* row : m_rows) {
        texts.push_back(row->text());
    }
    const TaskDescription* chosen = task();
    while (chosen && texts.size() > chosen->parameters.size() && texts.back().empty()) {
        texts.pop_back();
    }
    const auto isEmpty = [](const std::string& text) { return text.empty(); };
    if (std::all_of(texts.begin(), texts.end(), isEmpty)) {
        // Nothing written: the input's columns are the arguments, unless empty texts were given.
        const auto& given = m_given.arguments;
        const bool isAsGiven = given.size() == texts.size() && std::all_of(given.begin(), given.end(), isEmpty);
        return isAsGiven ? given : std::vector<std::string>();
    }
    return texts;
}

job::Function FunctionFields::function() const {
    job::Function function;
    function.library = form::pathOf(*m_library, m_given.library);
    const QString name = m_functions->currentData().toString();
    function.name = name == QString::fromStdString(m_given.name) ? m_given.name : name.toStdString();
    function.arguments = arguments();
    return function;
}

QLineEdit* FunctionFields::firstArgument() const {
    return m_rows.empty() ? nullptr : &m_rows.front()->field();
}

const TaskDescription* FunctionFields::task() const {
    const auto* library = m_libraries.find(form::pathOf(*m_library, m_given.library));
    if (!library || library->isBeingRead) {
        return nullptr;
    }
    const std::string name = m_functions->currentData().toString().toStdString();
    const auto found = std::find_if(library->tasks.begin(), library->tasks.end(),
                                    [&](const TaskDescription& one) { return one.name == name; });
    return found == library->tasks.end() ? nullptr : &*found;
}

void FunctionFields::browse() {
    const QString file = QFileDialog::getOpenFileName(this, tr("Task library"), m_library->text(),
                                                      tr("Shared objects (*.so *.so.*);;All files (*)"));
    if (!file.isEmpty()) {
        m_library->setText(file);
    }
}

void FunctionFields::choose() {
    // Texts for parameters that this function does not have would be mistakes of nobody's making.
    if (const TaskDescription* chosen = task()) {
        while (m_rows.size() > chosen->parameters.size()) {
            dropArgument();
        }
    }
    showFunction();
    emit edited(field("function.name"));
}

void FunctionFields::dropArgument() {
    ArgumentRow* row = m_rows.back();
    m_rows.pop_back();
    m_argumentsLayout->removeWidget(row);
    row->hide();
    row->deleteLater();
}

void FunctionFields::tell(QLabel* label, const QString& words, bool isMistake) {
    label->setText(words);
    label->setVisible(!words.isEmpty());
    label->setProperty("mistake", isMistake);
    label->setProperty("muted", !isMistake);
    form::polish(label);
}

void FunctionFields::showLibrary() {
    const auto file = form::pathOf(*m_library, m_given.library);
    const auto* library = m_libraries.find(file);
    m_again->setEnabled(!file.empty());
    if (file.empty()) {
        tell(m_libraryWords, tr("A shared object with functions registered by PPROCESS_TASK."), false);
    } else if (!library || library->isBeingRead) {
        tell(m_libraryWords, tr("The library is being read…"), false);
    } else if (!library->mistake.isEmpty()) {
        tell(m_libraryWords, library->mistake, true);
    } else {
        tell(m_libraryWords, {}, false);
    }

    const QString name =
        m_functions->count() > 0 ? m_functions->currentData().toString() : QString::fromStdString(m_given.name);
    {
        const QSignalBlocker blocker(m_functions);
        m_functions->clear();
        m_functions->addItem(tr("Choose a function…"), QString());
        if (library) {
            for (const TaskDescription& one : library->tasks) {
                if (one.result != withoutResult) {
                    m_functions->addItem(signatureOf(one), QString::fromStdString(one.name));
                    m_functions->setItemData(m_functions->count() - 1, shown(one.description), Qt::ToolTipRole);
                }
            }
        }
        int place = m_functions->findData(name);
        if (place < 0) {
            m_functions->addItem(shown(name.toStdString()), name);
            place = m_functions->count() - 1;
        }
        m_functions->setCurrentIndex(place);
        // The list may be wider than the field.
        m_functions->view()->setMinimumWidth(std::min(m_functions->view()->sizeHintForColumn(0) + 24, 640));
    }
    m_functions->setEnabled(m_functions->count() > 1 || !name.isEmpty());
    showFunction();
}

void FunctionFields::showFunction() {
    const auto* library = m_libraries.find(form::pathOf(*m_library, m_given.library));
    const bool isRead = library && !library->isBeingRead && library->mistake.isEmpty();
    const QString name = m_functions->currentData().toString();
    const TaskDescription* chosen = task();
    if (chosen && chosen->result == withoutResult) {
        tell(m_functionWords,
             tr("%1 sends what it likes on its channel, so that nobody can tell where its result ends. Choose a "
                "function that returns its result.")
                 .arg(shown(chosen->name)),
             true);
    } else if (chosen) {
        QString words = shown(chosen->description);
        if (!words.isEmpty()) {
            words[0] = words[0].toUpper();
            words += words.endsWith(QLatin1Char('.')) ? QString() : QStringLiteral(".");
            words += QLatin1Char(' ');
        }
        words += chosen->result == "void" ? tr("It gives no value.") : tr("It gives: %1.").arg(shown(chosen->result));
        tell(m_functionWords, words, false);
    } else if (isRead && !name.isEmpty()) {
        tell(m_functionWords, tr("The library has no function called %1 any more. Choose another.").arg(name), true);
    } else {
        tell(m_functionWords, {}, false);
    }
    // As long as it is the function that was given, none of its arguments goes unseen.
    showArguments(name == QString::fromStdString(m_given.name) ? m_given.arguments.size() : 0);
}

void FunctionFields::showArguments(std::size_t least) {
    const TaskDescription* chosen = task();
    const std::size_t known = chosen ? chosen->parameters.size() : 0;
    std::size_t count = std::max({known, least, m_rows.size()});
    while (m_rows.size() > std::max(known, least) && m_rows.back()->text().empty()) {
        dropArgument();
        count = std::max({known, least, m_rows.size()});
    }
    while (m_rows.size() < count) {
        auto* row = new ArgumentRow;
        m_rows.push_back(row);
        m_argumentsLayout->addWidget(row);
        row->show();
        connect(row, &ArgumentRow::edited, this, [this] {
            checkArguments();
            emit edited(field("function.arguments"));
        });
    }
    for (std::size_t place = 0; place < m_rows.size(); ++place) {
        const int number = static_cast<int>(place);
        if (place < known) {
            m_rows[place]->describe(chosen->parameters[place].name, chosen->parameters[place].type, number);
        } else if (chosen) {
            m_rows[place]->describeSurplus(number);
        } else {
            m_rows[place]->describe({}, {}, number);
        }
    }
    m_argumentsBox->setVisible(!m_rows.empty());
    m_argumentsBox->setFocusProxy(m_rows.empty() ? nullptr : &m_rows.front()->field());
    checkArguments();
}

QStringList FunctionFields::standIns() const {
    if (m_place > 0) {
        return {QStringLiteral("{<}")};
    }
    QStringList names;
    for (const auto& column : m_columns) {
        names += QStringLiteral("{%1}").arg(shown(column));
    }
    return names.isEmpty() ? QStringList{QStringLiteral("{}")} : names;
}

void FunctionFields::checkArguments() {
    const bool isWritten = !arguments().empty();
    const QStringList given = standIns();
    const bool fits = !isWritten && static_cast<std::size_t>(given.size()) == m_rows.size();
    for (std::size_t place = 0; place < m_rows.size(); ++place) {
        m_rows[place]->setIfEmpty(fits ? given[static_cast<int>(place)] : QString());
        m_rows[place]->check(m_columns, isWritten);
    }
    QString words;
    if (!m_rows.empty() && task()) {
        if (fits) {
            words = m_place > 0 ? tr("Left empty, it takes the value of the step before.")
                                : tr("Left empty, it takes the input.");
            if (m_rows.size() > 1) {
                words = tr("Left empty, they take the inputs' columns in order.");
            }
        } else if (!isWritten) {
            words = tr("Write what each is to be: a value, or a placeholder such as %1.").arg(given.first());
        }
    }
    tell(m_argumentsWords, words, false);
}

} // namespace pprocess::workbench
